;; Ends the evaluation with its own words.
(data $words (i32.const 8192) "enough of this")
(func $evaluate (export "evaluate") (result i32)
  (call $abort (i32.const 8192) (i32.const 14))
  (i32.const 4096))
