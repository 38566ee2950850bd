;; Gives a builtin a number between two.
(data $builtins_text (i32.const 1024) "{\"sprintf\":0.5}\00")
