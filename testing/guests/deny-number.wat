;; Answers a number where violations belong.
(data $deny_text (i32.const 5120) "{{\"result\":0}}\00")
