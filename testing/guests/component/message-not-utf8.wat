;; Says what is wrong in bytes that are no text.
(data $message (i32.const 8192) "\ed\a0\80")
(func $evaluate (export "evaluate") (result i32) (call $violated (i32.const 8192) (i32.const 3)))
