;; Has details without a character.
(data $one-violation (i32.const 4128) (i32 8192 2) (i32 0 0 0) (i32 1 8208 0))
(data $message (i32.const 8192) "no")
(data $details (i32.const 8208) "")
(func $evaluate (export "evaluate") (result i32) (i32.const 4112))
