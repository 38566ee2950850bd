;; Has details with a number of 100,000 digits, which is more than a double holds.
(data $one-violation (i32.const 4128) (i32 8192 2) (i32 0 0 0) (i32 1 131072 100006))
(data $message (i32.const 8192) "no")
(data $begin (i32.const 131072) "{\"a\":")
(data $end (i32.const 231077) "}")
(func $evaluate (export "evaluate") (result i32)
  (drop (call $fill (i32.const 131077) (i32.const 57) (i32.const 100000)))
  (i32.const 4112))
