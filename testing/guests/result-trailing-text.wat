;; Answers a clean bill, and something behind it.
(data $deny_text (i32.const 5120) "{{\"result\":set()}} ]\00")
