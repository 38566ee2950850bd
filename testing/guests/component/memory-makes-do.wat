;; Is refused memory, and gets along without it. Harmless.
(func $evaluate (export "evaluate") (result i32)
  (loop $again (br_if $again (i32.ne (memory.grow (i32.const 16)) (i32.const -1))))
  (i32.const 4096))
