;; Calls the host when the host asks for room, which the canonical ABI forbids.
(data $path (i32.const 8192) "/request/object/spec/template/spec/containers")
(around
  (alias export $documents "review" (func $early))
  (core func $early-review (canon lower (func $early))))
(core module $memory-module
  (import "host" "review" (func $review (result i32)))
  (memory $pages (export "memory") 4)
  (func $realloc (export "realloc") (param i32 i32 i32 i32) (result i32) (call $review)))
(core instance $memory
  (instantiate $memory-module (with "host" (instance (export "review" (func $early-review))))))
(func $evaluate (export "evaluate") (result i32)
  (call $elements (call $review) (i32.const 8192) (i32.const 45) (i32.const 8256))
  (i32.const 4096))
