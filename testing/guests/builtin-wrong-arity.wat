;; Calls sprintf with one argument.
(data $builtins_text (i32.const 1024) "{\"sprintf\":3}\00")
(data $format (i32.const 8192) "\"%d\"\00")
(func $deny (result i32) (call $opa_builtin1 (i32.const 3) (i32.const 0) (i32.const 8192)))
