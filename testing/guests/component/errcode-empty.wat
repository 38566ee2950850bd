;; Has no code.
(data $errcode (i32.const 1036) (i32 2304 0))
