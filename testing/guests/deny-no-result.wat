;; Answers a binding of another name.
(data $deny_text (i32.const 5120) "{{\"answer\":set()}}\00")
