;; Ends it all in its start function.
(data $words (i32.const 8192) "not today")
(func $begin (call $abort (i32.const 8192) (i32.const 9)))
(start $begin)
