;; Ends the evaluation with words behind its memory.
(func $evaluate (export "evaluate") (result i32)
  (call $abort (i32.const -16) (i32.const 8))
  (i32.const 4096))
