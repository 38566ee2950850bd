;; Ends the evaluation without a word.
(func $evaluate (export "evaluate") (result i32)
  (call $abort (i32.const 8192) (i32.const 0))
  (i32.const 4096))
