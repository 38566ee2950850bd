;; Has a schema for its parameters that is no JSON.
(data $schema (i32.const 1068) (i32 1 8192 6))
(data $schema-text (i32.const 8192) "{what}")
