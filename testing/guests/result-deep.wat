;; Answers 100,000 arrays in one another.
(func $deny (result i32)
  (drop (call $fill (i32.const 131072) (i32.const 0x5b) (i32.const 100000)))
  (drop (call $fill (i32.const 231072) (i32.const 0x5d) (i32.const 100000)))
  (i32.const 131072))
