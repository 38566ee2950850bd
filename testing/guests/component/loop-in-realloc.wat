;; Never has room for what the host hands over.
(func $realloc (export "realloc") (param i32 i32 i32 i32) (result i32)
  (loop $again (br $again))
  (unreachable))
(func $evaluate (export "evaluate") (result i32)
  (call $json (call $review) (i32.const 0) (i32.const 0) (i32.const 8192))
  (i32.const 4096))
