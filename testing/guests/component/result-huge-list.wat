;; Has a hundred thousand violations, more than it may hand over.
(data $answer (i32.const 4096) (i32 0) (i32 1) (i32 131072 100000))
(func $evaluate (export "evaluate") (result i32) (drop (memory.grow (i32.const 64))) (i32.const 4096))
