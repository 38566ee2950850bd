;; Says what is wrong behind its memory.
(func $evaluate (export "evaluate") (result i32) (call $violated (i32.const 262000) (i32.const 1000)))
