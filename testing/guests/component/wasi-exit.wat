;; Wants to end the program.
(around
  (import "wasi:cli/exit@0.2.0" (instance $exit (export "exit" (func (param "status" (result)))))))
(around
  (core func $call-exit (canon lower (func $exit "exit"))))
(core instance $policy (instantiate $policy-module
  (with "memory" (instance $memory))
  (with "documents" (instance $imported-documents))
  (with "host" (instance $imported-host))
  (with "wasi" (instance
    (export "exit" (func $call-exit))))))
(import "wasi" "exit" (func $exit (param i32)))
(func $evaluate (export "evaluate") (result i32) (call $exit (i32.const 0)) (i32.const 4096))
