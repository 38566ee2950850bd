;; Writes to standard output.
(around
  (import "wasi:io/streams@0.2.0" (instance $streams (export "output-stream" (type (sub resource)))))
  (alias export $streams "output-stream" (type $stream))
  (import "wasi:cli/stdout@0.2.0" (instance $stdout (export "get-stdout" (func (result (own $stream)))))))
(around
  (core func $get-stdout (canon lower (func $stdout "get-stdout"))))
(core instance $policy (instantiate $policy-module
  (with "memory" (instance $memory))
  (with "documents" (instance $imported-documents))
  (with "host" (instance $imported-host))
  (with "wasi" (instance
    (export "get-stdout" (func $get-stdout))))))
(import "wasi" "get-stdout" (func $stdout (result i32)))
(func $evaluate (export "evaluate") (result i32) (drop (call $stdout)) (i32.const 4096))
