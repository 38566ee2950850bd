;; Has a list that reaches behind its memory.
(data $answer (i32.const 4096) (i32 0) (i32 1) (i32 262112 2))
