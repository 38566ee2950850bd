;; Logs bytes that are no text.
(data $line (i32.const 8192) "\c3\28")
(func $evaluate (export "evaluate") (result i32)
  (call $log (i32.const 1) (i32.const 8192) (i32.const 2))
  (i32.const 4096))
