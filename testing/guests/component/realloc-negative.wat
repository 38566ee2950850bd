;; Gives the host an address at the end of what 32 bits can say.
(data $path (i32.const 8192) "/request/object/spec/template/spec/containers")
(func $realloc (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const -8))
(func $evaluate (export "evaluate") (result i32)
  (call $elements (call $review) (i32.const 8192) (i32.const 45) (i32.const 8256))
  (i32.const 4096))
