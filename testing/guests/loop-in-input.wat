;; Reads the data document, which is `{}`, and never comes back from reading an input.
(func $opa_json_parse (export "opa_json_parse") (param $text i32) (param $length i32) (result i32)
  (if (i32.gt_u (local.get $length) (i32.const 2)) (then (loop $forever (br $forever))))
  (local.get $text))
