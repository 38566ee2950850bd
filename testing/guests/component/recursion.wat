;; Calls itself until the stack is used up.
(func $evaluate (export "evaluate") (result i32) (i32.add (call $evaluate) (i32.const 1)))
