;; Gives a builtin a number that no index can be.
(data $builtins_text (i32.const 1024) "{\"sprintf\":4000000000}\00")
