;; Exports two functions of one name.
(func $other (export "opa_malloc") (param i32) (result i32) (i32.const 65536))
