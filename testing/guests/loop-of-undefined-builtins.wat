;; Calls sprintf without end with a format that is none, which is undefined and no fault.
(data $builtins_text (i32.const 1024) "{\"sprintf\":0}\00")
(data $number (i32.const 8192) "1\00")
(func $deny (result i32)
  (loop $forever
    (drop (call $opa_builtin2 (i32.const 0) (i32.const 0) (i32.const 8192) (i32.const 8192)))
    (br $forever))
  (unreachable))
