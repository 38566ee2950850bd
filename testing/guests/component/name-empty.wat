;; Has no name.
(data $name (i32.const 1024) (i32 2048 0))
