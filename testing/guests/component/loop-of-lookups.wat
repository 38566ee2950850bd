;; Looks up what it declared, again and again.
(data $needs (i32.const 1060) (i32 8192 1))
(data $need-list (i32.const 8192) (i32 8200 7))
(data $need-text (i32.const 8200) "v1/pods")
(func $evaluate (export "evaluate") (result i32)
  (loop $again (call $lookup (i32.const 8200) (i32.const 7) (i32.const 8256)) (br $again))
  (unreachable))
