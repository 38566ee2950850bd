;; Asks with a pointer that is longer than what it may hand over.
(func $evaluate (export "evaluate") (result i32)
  (drop (memory.grow (i32.const 16)))
  (call $find (call $review)
    (call $fill (i32.const 131072) (i32.const 47) (i32.const 1000000)) (i32.const 1000000) (i32.const 8192))
  (i32.const 4096))
