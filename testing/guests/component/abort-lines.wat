;; Ends the evaluation with control characters and a line of its own for the log.
(data $words (i32.const 8192) "one\0alevel=INFO two\1b[31m\00")
(func $evaluate (export "evaluate") (result i32)
  (call $abort (i32.const 8192) (i32.const 24))
  (i32.const 4096))
