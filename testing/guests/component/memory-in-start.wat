;; Grows in its start function until it is refused. Harmless.
(func $begin (loop $again (br_if $again (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))))
(start $begin)
