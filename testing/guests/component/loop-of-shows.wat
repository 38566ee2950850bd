;; Calls `show` without end.
(func $evaluate (export "evaluate") (result i32)
  (loop $again
    (call $show (call $review) (i32.const 0) (i32.const 0) (i32.const 8192))
    (br $again))
  (unreachable))
