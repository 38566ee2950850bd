;; Wants the host's answer behind its memory.
(func $evaluate (export "evaluate") (result i32)
  (call $find (call $review) (i32.const 0) (i32.const 0) (i32.const 262140))
  (i32.const 4096))
