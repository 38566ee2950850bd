;; Calls sprintf with a value that is behind its memory.
(data $builtins_text (i32.const 1024) "{\"sprintf\":0}\00")
(data $format (i32.const 8192) "\"%d\"\00")
(func $deny (result i32)
  (call $opa_builtin2 (i32.const 0) (i32.const 0) (i32.const 8192) (i32.const -64)))
