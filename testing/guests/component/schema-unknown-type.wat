;; Has a schema with a type that there is not.
(data $schema (i32.const 1068) (i32 1 8192 57))
(data $schema-text (i32.const 8192) "{\"type\":\"object\",\"properties\":{\"count\":{\"type\":\"float\"}}}")
