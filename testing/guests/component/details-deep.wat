;; Has details that are nested 10,000 levels deep: `{"a":[[[…`.
(data $one-violation (i32.const 4128) (i32 8192 2) (i32 0 0 0) (i32 1 16384 10005))
(data $message (i32.const 8192) "no")
(data $details (i32.const 16384) "{\"a\":")
(func $evaluate (export "evaluate") (result i32)
  (drop (call $fill (i32.const 16389) (i32.const 91) (i32.const 10000)))
  (i32.const 4112))
