;; Answers an address that is not aligned.
(func $evaluate (export "evaluate") (result i32) (i32.const 4097))
