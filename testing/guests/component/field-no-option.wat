;; Names a place that is neither there nor missing.
(data $one-violation (i32.const 4128) (i32 8192 2) (i32 2 0 0) (i32 0 0 0))
(data $message (i32.const 8192) "no")
(func $evaluate (export "evaluate") (result i32) (i32.const 4112))
