;; Takes a parameter that has a default, and says all of them. Harmless.
(data $schema (i32.const 1068) (i32 1 8192 71))
(data $schema-text (i32.const 8192)
  "{\"type\":\"object\",\"properties\":{\"count\":{\"type\":\"integer\","
  "\"default\":3}}}")
(func $evaluate (export "evaluate") (result i32)
  (call $json (call $parameters) (i32.const 0) (i32.const 0) (i32.const 16384))
  (call $violated (i32.load (i32.const 16388)) (i32.load (i32.const 16392))))
