;; Reads behind its memory.
(func $evaluate (export "evaluate") (result i32) (i32.load (i32.const -8)))
