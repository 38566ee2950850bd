;; Imports a function that the world's interface does not have, and calls it.
(around
  (import "magtape:policy/host@1.0.1" (instance $newer (export "launch" (func)))))
(around
  (core func $lowered-launch (canon lower (func $newer "launch"))))
(core instance $policy (instantiate $policy-module
  (with "memory" (instance $memory))
  (with "documents" (instance $imported-documents))
  (with "host" (instance $imported-host))
  (with "newer" (instance (export "launch" (func $lowered-launch))))))
(import "newer" "launch" (func $launch))
(func $evaluate (export "evaluate") (result i32) (call $launch) (i32.const 4096))
