;; Asks a later WASI for the time, which is another function.
(around
  (import "wasi:clocks/monotonic-clock@0.3.0" (instance $clock (export "now" (func (result u64))))))
(around
  (core func $call-now (canon lower (func $clock "now"))))
(core instance $policy (instantiate $policy-module
  (with "memory" (instance $memory))
  (with "documents" (instance $imported-documents))
  (with "host" (instance $imported-host))
  (with "wasi" (instance
    (export "now" (func $call-now))))))
(import "wasi" "now" (func $later (result i64)))
(func $evaluate (export "evaluate") (result i32) (drop (call $later)) (i32.const 4096))
