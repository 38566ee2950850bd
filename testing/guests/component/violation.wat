;; Has something against the object, and says where and what else. Harmless.
(data $one-violation (i32.const 4128) (i32 8192 14) (i32 1 8208 4) (i32 1 8224 11))
(data $texts (i32.const 8192) "not like this")
(data $message (i32.const 8192) "not like this!")
(data $field (i32.const 8208) "spec")
(data $details (i32.const 8224) "{\"a\": true}")
(func $evaluate (export "evaluate") (result i32) (i32.const 4112))
