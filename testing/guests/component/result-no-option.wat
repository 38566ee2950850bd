;; Answers a list that is neither there nor missing.
(data $answer (i32.const 4096) (i32 0) (i32 7) (i32 0 0))
