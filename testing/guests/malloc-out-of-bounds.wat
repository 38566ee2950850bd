;; Has room for an input one byte before the end of its memory.
(func $opa_malloc (export "opa_malloc") (param $bytes i32) (result i32)
  (if (result i32) (i32.gt_u (local.get $bytes) (i32.const 2))
    (then (i32.sub (call $memory_bytes) (i32.const 1)))
    (else (i32.const 65536))))
