;; Prints from behind its memory.
(func $deny (result i32) (call $opa_println (i32.const -16)) (unreachable))
