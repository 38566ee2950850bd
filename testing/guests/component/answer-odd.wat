;; Wants the host's answer at an address that is not aligned.
(func $evaluate (export "evaluate") (result i32)
  (call $find (call $review) (i32.const 0) (i32.const 0) (i32.const 8193))
  (i32.const 4096))
