;; Asks sprintf for ten numbers, each a million characters wide.
(data $builtins_text (i32.const 1024) "{\"sprintf\":0}\00")
(data $format (i32.const 8192)
  "\"%1000000d%1000000d%1000000d%1000000d%1000000d%1000000d%1000000d%1000000d%1000000d%1000000d\"\00")
(data $arguments (i32.const 9000) "[1,2,3,4,5,6,7,8,9,10]\00")
(func $deny (result i32)
  (call $opa_builtin2 (i32.const 0) (i32.const 0) (i32.const 8192) (i32.const 9000)))
