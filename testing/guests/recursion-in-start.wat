;; Calls itself without end before it is asked anything.
(func $begin (call $begin) (call $begin))
(start $begin)
