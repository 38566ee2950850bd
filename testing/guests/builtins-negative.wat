;; Gives a builtin a number below zero.
(data $builtins_text (i32.const 1024) "{\"sprintf\":-1}\00")
