;; Logs at a level that there is not.
(data $line (i32.const 8192) "what")
(func $evaluate (export "evaluate") (result i32)
  (call $log (i32.const 4) (i32.const 8192) (i32.const 4))
  (i32.const 4096))
