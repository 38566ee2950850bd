;; Answers a text that is no value.
(data $deny_text (i32.const 5120) "hello\00")
