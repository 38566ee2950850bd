;; Gives a builtin a number that would need a table of gigabytes.
(data $builtins_text (i32.const 1024) "{\"sprintf\":2000000000}\00")
