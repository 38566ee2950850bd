;; Uses up the stack in its start function.
(func $begin (call $begin) (call $post-evaluate (i32.const 0)))
(start $begin)
