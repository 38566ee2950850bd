;; Answers that it could not judge, in 100,000 characters and many lines.
(func $evaluate (export "evaluate") (result i32)
  (i32.store (i32.const 4096) (i32.const 1))
  (i32.store (i32.const 4100) (call $fill (i32.const 131072) (i32.const 10) (i32.const 100000)))
  (i32.store (i32.const 4104) (i32.const 100000))
  (i32.const 4096))
