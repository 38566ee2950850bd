;; Answers the violations without a binding around them.
(data $deny_text (i32.const 5120) "[]\00")
