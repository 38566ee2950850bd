;; Needs a builtin that there is not.
(data $builtins_text (i32.const 1024) "{\"sprintf\":0,\"no.such.builtin\":1}\00")
