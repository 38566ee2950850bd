;; Has no entrypoints.
(data $entrypoints_text (i32.const 2048) "{}\00")
