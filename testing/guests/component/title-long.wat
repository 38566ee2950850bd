;; Has a description of 100,000 characters.
(data $description (i32.const 1092) (i32 1 131072 100000))
(func $metadata (export "metadata") (result i32)
  (drop (call $fill (i32.const 131072) (i32.const 97) (i32.const 100000)))
  (i32.const 1024))
