;; Has something against the object, but does not say what.
(func $evaluate (export "evaluate") (result i32) (call $violated (i32.const 8192) (i32.const 0)))
