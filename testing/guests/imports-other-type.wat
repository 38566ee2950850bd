;; Wants opa_abort with a type of its own.
(import "env" "opa_abort" (func $opa_abort (param i32) (result i32)))
