;; Gives the host the last bytes of its memory for a list that needs more.
(data $path (i32.const 8192) "/request/object/spec/template/spec/containers")
(func $realloc (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 262128))
(func $evaluate (export "evaluate") (result i32)
  (call $elements (call $review) (i32.const 8192) (i32.const 45) (i32.const 8256))
  (i32.const 4096))
