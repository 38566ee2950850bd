;; Looks up a kind of 100,000 characters.
(func $evaluate (export "evaluate") (result i32)
  (drop (call $fill (i32.const 131072) (i32.const 97) (i32.const 100000)))
  (call $lookup (i32.const 131072) (i32.const 100000) (i32.const 8256))
  (i32.const 4096))
