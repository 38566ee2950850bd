;; Wants more random bytes than there is memory.
(around
  (import "wasi:random/random@0.2.0" (instance $random
    (export "get-random-bytes" (func (param "len" u64) (result (list u8)))))))
(around
  (core func $get-bytes (canon lower (func $random "get-random-bytes")
    (memory (core memory $memory "memory")) (realloc (core func $memory "realloc")))))
(core instance $policy (instantiate $policy-module
  (with "memory" (instance $memory))
  (with "documents" (instance $imported-documents))
  (with "host" (instance $imported-host))
  (with "wasi" (instance
    (export "bytes" (func $get-bytes))))))
(import "wasi" "bytes" (func $random (param i64 i32)))
(func $evaluate (export "evaluate") (result i32)
  (call $random (i64.const -1) (i32.const 8192))
  (i32.const 4096))
