;; Has deny and matches only.
(data $entrypoints_text (i32.const 2048) "{\"kubernetes/admission/hostile/deny\":0,\"kubernetes/admission/hostile/matches\":1}\00")
