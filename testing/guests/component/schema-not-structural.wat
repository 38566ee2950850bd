;; Has a schema that says no type, which structural schemas must.
(data $schema (i32.const 1068) (i32 1 8192 52))
(data $schema-text (i32.const 8192) "{\"properties\":{\"names\":{\"items\":{\"type\":\"string\"}}}}")
