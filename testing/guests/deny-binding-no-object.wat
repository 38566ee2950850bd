;; Answers a binding that is no object.
(data $deny_text (i32.const 5120) "{[]}\00")
