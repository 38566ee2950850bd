;; Writes to standard error before it begins.
(around
  (import "wasi:io/streams@0.2.0" (instance $streams (export "output-stream" (type (sub resource)))))
  (alias export $streams "output-stream" (type $stream))
  (import "wasi:cli/stderr@0.2.0" (instance $stderr (export "get-stderr" (func (result (own $stream)))))))
(around
  (core func $get-stderr (canon lower (func $stderr "get-stderr"))))
(core instance $policy (instantiate $policy-module
  (with "memory" (instance $memory))
  (with "documents" (instance $imported-documents))
  (with "host" (instance $imported-host))
  (with "wasi" (instance
    (export "get-stderr" (func $get-stderr))))))
(import "wasi" "get-stderr" (func $stderr (result i32)))
(func $begin (drop (call $stderr)))
(start $begin)
