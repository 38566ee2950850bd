;; Traps when it is to describe itself.
(func $metadata (export "metadata") (result i32) (unreachable))
