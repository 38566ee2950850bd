;; Answers a string that is no UTF-8.
(data $deny_text (i32.const 5120) "{{\"result\":{{\"msg\":\"\ff\fe\"}}}}\00")
