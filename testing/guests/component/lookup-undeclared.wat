;; Looks up a kind that its metadata does not declare.
(data $kind (i32.const 8192) "v1/secrets")
(func $evaluate (export "evaluate") (result i32)
  (call $lookup (i32.const 8192) (i32.const 10) (i32.const 8256))
  (i32.const 4096))
