;; Wants to sleep.
(around
  (import "wasi:io/poll@0.2.0" (instance $poll (export "pollable" (type (sub resource)))))
  (alias export $poll "pollable" (type $pollable))
  (import "wasi:clocks/monotonic-clock@0.2.0" (instance $clock
    (export "subscribe-duration" (func (param "when" u64) (result (own $pollable)))))))
(around
  (core func $subscribe (canon lower (func $clock "subscribe-duration"))))
(core instance $policy (instantiate $policy-module
  (with "memory" (instance $memory))
  (with "documents" (instance $imported-documents))
  (with "host" (instance $imported-host))
  (with "wasi" (instance
    (export "subscribe" (func $subscribe))))))
(import "wasi" "subscribe" (func $subscribe (param i64) (result i32)))
(func $evaluate (export "evaluate") (result i32)
  (drop (call $subscribe (i64.const 60000000000)))
  (i32.const 4096))
