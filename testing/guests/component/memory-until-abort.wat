;; Grows until it is refused, and says so in its own words.
(data $words (i32.const 8192) "out of memory")
(func $evaluate (export "evaluate") (result i32)
  (loop $again (br_if $again (i32.ne (memory.grow (i32.const 16)) (i32.const -1))))
  (call $abort (i32.const 8192) (i32.const 13))
  (unreachable))
