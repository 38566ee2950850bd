;; Calls a function of another type through its table.
(table $table 1 funcref)
(elem $elements (i32.const 0) $opa_free)
(func $deny (result i32) (call_indirect (result i32) (i32.const 0)))
