;; Has an opa_malloc of 64 bits.
(func $opa_malloc (export "opa_malloc") (param $bytes i64) (result i64) (i64.const 65536))
