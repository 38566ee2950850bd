;; Wants a global of the ABI's name for a function.
(import "env" "opa_builtin3" (global $opa_builtin3 i32))
