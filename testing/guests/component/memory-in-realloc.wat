;; Takes all memory there is when the host asks for room.
(func $realloc (export "realloc") (param i32 i32 i32 i32) (result i32)
  (loop $again (br_if $again (i32.ne (memory.grow (i32.const 16)) (i32.const -1))))
  (unreachable))
(func $evaluate (export "evaluate") (result i32)
  (call $json (call $review) (i32.const 0) (i32.const 0) (i32.const 8192))
  (i32.const 4096))
