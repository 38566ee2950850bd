;; Answers what is no number.
(data $deny_text (i32.const 5120) "{{\"result\":{1-2e++}}}\00")
