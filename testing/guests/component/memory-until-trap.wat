;; Grows until it is refused, and panics as an allocator does.
(func $evaluate (export "evaluate") (result i32)
  (loop $again (br_if $again (i32.ne (memory.grow (i32.const 16)) (i32.const -1))))
  (unreachable))
