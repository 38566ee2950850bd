;; Has a schema for its parameters that is a text.
(data $schema (i32.const 1068) (i32 1 8192 8))
(data $schema-text (i32.const 8192) "\"object\"")
