;; Logs a line of 100,000 characters, with line breaks. Harmless.
(func $evaluate (export "evaluate") (result i32)
  (drop (call $fill (i32.const 131072) (i32.const 97) (i32.const 100000)))
  (drop (call $fill (i32.const 131080) (i32.const 10) (i32.const 8)))
  (call $log (i32.const 1) (i32.const 131072) (i32.const 100000))
  (i32.const 4096))
