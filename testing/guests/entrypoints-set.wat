;; Has a set of entrypoints, without their numbers.
(data $entrypoints_text (i32.const 2048) "{\"kubernetes/admission/hostile/deny\"}\00")
