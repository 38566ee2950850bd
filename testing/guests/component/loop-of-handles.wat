;; Makes resources of its own, of which the host keeps a table, and never gives one up.
(around
  (type $thing (resource (rep i32)))
  (core func $new-thing (canon resource.new $thing)))
(core instance $policy (instantiate $policy-module
  (with "memory" (instance $memory))
  (with "documents" (instance $imported-documents))
  (with "host" (instance $imported-host))
  (with "things" (instance (export "new" (func $new-thing))))))
(import "things" "new" (func $new (param i32) (result i32)))
(func $evaluate (export "evaluate") (result i32)
  (loop $again (drop (call $new (i32.const 1))) (br $again))
  (unreachable))
