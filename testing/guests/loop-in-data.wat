;; Never comes back from reading a text, and the data document is the first.
(func $opa_json_parse (export "opa_json_parse") (param $text i32) (param $length i32) (result i32)
  (loop $forever (br $forever))
  (unreachable))
