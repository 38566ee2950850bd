;; Wants random bytes again and again.
(around
  (import "wasi:random/insecure@0.2.0" (instance $random
    (export "get-insecure-random-bytes" (func (param "len" u64) (result (list u8)))))))
(around
  (core func $get-bytes (canon lower (func $random "get-insecure-random-bytes")
    (memory (core memory $memory "memory")) (realloc (core func $memory "realloc")))))
(core instance $policy (instantiate $policy-module
  (with "memory" (instance $memory))
  (with "documents" (instance $imported-documents))
  (with "host" (instance $imported-host))
  (with "wasi" (instance
    (export "bytes" (func $get-bytes))))))
(import "wasi" "bytes" (func $random (param i64 i32)))
(func $realloc (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 131072))
(func $evaluate (export "evaluate") (result i32)
  (loop $again (call $random (i64.const 4096) (i32.const 8192)) (br $again))
  (unreachable))
