;; Is refused memory, and writes there all the same.
(func $evaluate (export "evaluate") (result i32)
  (loop $again (br_if $again (i32.ne (memory.grow (i32.const 16)) (i32.const -1))))
  (i32.store (i32.mul (memory.size) (i32.const 65536)) (i32.const 1))
  (i32.const 4096))
