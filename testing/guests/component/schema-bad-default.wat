;; Has a schema with a default that does not fit.
(data $schema (i32.const 1068) (i32 1 8192 76))
(data $schema-text (i32.const 8192)
  "{\"type\":\"object\",\"properties\":{\"count\":{\"type\":\"integer\","
  "\"default\":\"many\"}}}")
