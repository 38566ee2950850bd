;; Has a name of 10,000 characters.
(data $name (i32.const 1024) (i32 131072 10000))
(func $metadata (export "metadata") (result i32)
  (drop (call $fill (i32.const 131072) (i32.const 97) (i32.const 10000)))
  (i32.const 1024))
