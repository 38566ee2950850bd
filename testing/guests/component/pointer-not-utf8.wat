;; Asks with a pointer that is no text.
(data $pointer (i32.const 8192) "/\80")
(func $evaluate (export "evaluate") (result i32)
  (call $find (call $review) (i32.const 8192) (i32.const 2) (i32.const 8256))
  (i32.const 4096))
