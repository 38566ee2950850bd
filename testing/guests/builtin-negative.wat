;; Calls a builtin by a number below zero.
(data $builtins_text (i32.const 1024) "{\"sprintf\":0}\00")
(func $deny (result i32) (call $opa_builtin0 (i32.const -1) (i32.const 0)))
