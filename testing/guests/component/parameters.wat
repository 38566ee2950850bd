;; Takes parameters, one of which it must have, and says them. Harmless.
(data $schema (i32.const 1068) (i32 1 8192 163))
(data $schema-text (i32.const 8192)
  "{\"type\":\"object\",\"required\":[\"registry\"],"
  "\"properties\":{\"registry\":{\"type\":\"string\"},"
  "\"count\":{\"type\":\"integer\"},\"names\":{\"type\":\"array\","
  "\"items\":{\"type\":\"string\"}}}}")
(func $evaluate (export "evaluate") (result i32)
  (call $json (call $parameters) (i32.const 0) (i32.const 0) (i32.const 16384))
  (call $violated (i32.load (i32.const 16388)) (i32.load (i32.const 16392))))
