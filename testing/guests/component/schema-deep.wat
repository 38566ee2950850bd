;; Has a schema that is nested 20,000 levels deep.
(data $schema (i32.const 1068) (i32 1 131072 20000))
(func $metadata (export "metadata") (result i32)
  (drop (call $fill (i32.const 131072) (i32.const 91) (i32.const 20000)))
  (i32.const 1024))
