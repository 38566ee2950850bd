;; Answers a text that goes on to the last byte of its memory.
(func $deny (result i32)
  (call $fill (i32.sub (call $memory_bytes) (i32.const 1000)) (i32.const 120) (i32.const 1000)))
