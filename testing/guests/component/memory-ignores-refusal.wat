;; Is refused memory, and asks again for ever.
(func $evaluate (export "evaluate") (result i32)
  (loop $again (drop (memory.grow (i32.const 16))) (br $again))
  (unreachable))
