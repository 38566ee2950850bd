;; Calls sprintf with a text that is no value.
(data $builtins_text (i32.const 1024) "{\"sprintf\":0}\00")
(data $nonsense (i32.const 8192) "<>\00")
(func $deny (result i32)
  (call $opa_builtin2 (i32.const 0) (i32.const 0) (i32.const 8192) (i32.const 8192)))
