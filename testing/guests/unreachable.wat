;; Traps.
(func $deny (result i32) (unreachable))
