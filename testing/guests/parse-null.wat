;; Cannot read an input, and says so by the null pointer.
(func $opa_json_parse (export "opa_json_parse") (param $text i32) (param $length i32) (result i32)
  (if (result i32) (i32.gt_u (local.get $length) (i32.const 2))
    (then (i32.const 0))
    (else (local.get $text))))
