;; Answers that it could not judge.
(data $answer (i32.const 4096) (i32 1) (i32 8192 12))
(data $words (i32.const 8192) "I cannot say")
