;; Calls a function as if it were of another type.
(table $functions 1 funcref)
(elem $element (table $functions) (i32.const 0) func $fill)
(func $evaluate (export "evaluate") (result i32) (call_indirect $functions (result i32) (i32.const 0)))
