;; Has deny only.
(data $entrypoints_text (i32.const 2048) "{\"kubernetes/admission/hostile/deny\":0}\00")
