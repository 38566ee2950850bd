;; Wants a function that OPA's ABI does not have.
(import "env" "foo" (func $foo))
