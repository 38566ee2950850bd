;; Has a list at an address that is not aligned.
(data $answer (i32.const 4096) (i32 0) (i32 1) (i32 8193 1))
