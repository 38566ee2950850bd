;; Finds an answer in deny, and never comes back from dumping it.
(func $opa_value_dump (export "opa_value_dump") (param $value i32) (result i32)
  (if (i32.eq (local.get $value) (i32.const 5120)) (then (loop $forever (br $forever))))
  (local.get $value))
