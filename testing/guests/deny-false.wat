;; Answers false where violations belong.
(data $deny_text (i32.const 5120) "{{\"result\":false}}\00")
