;; Logs a line that is longer than what it may hand over.
(func $evaluate (export "evaluate") (result i32)
  (drop (memory.grow (i32.const 16)))
  (drop (call $fill (i32.const 131072) (i32.const 97) (i32.const 1000000)))
  (call $log (i32.const 1) (i32.const 131072) (i32.const 1000000))
  (i32.const 4096))
