;; Ends the evaluation with more than it may hand over.
(func $evaluate (export "evaluate") (result i32)
  (drop (memory.grow (i32.const 16)))
  (call $abort (call $fill (i32.const 131072) (i32.const 97) (i32.const 1000000)) (i32.const 1000000))
  (i32.const 4096))
