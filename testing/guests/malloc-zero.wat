;; Has room for an input at address 0, which stands for undefined everywhere else.
(func $opa_malloc (export "opa_malloc") (param $bytes i32) (result i32)
  (if (result i32) (i32.gt_u (local.get $bytes) (i32.const 2))
    (then (i32.const 0))
    (else (i32.const 65536))))
