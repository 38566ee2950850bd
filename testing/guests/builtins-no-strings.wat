;; Needs a builtin whose name is an array.
(data $builtins_text (i32.const 1024) "{[\"sprintf\"]:0}\00")
