;; Ends the evaluation with bytes that are no text.
(data $words (i32.const 8192) "\ff\fe")
(func $evaluate (export "evaluate") (result i32)
  (call $abort (i32.const 8192) (i32.const 2))
  (i32.const 4096))
