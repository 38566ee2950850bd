;; Asks with a pointer behind its memory.
(func $evaluate (export "evaluate") (result i32)
  (call $find (call $review) (i32.const -8) (i32.const 16) (i32.const 8192))
  (i32.const 4096))
