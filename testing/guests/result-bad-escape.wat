;; Answers half of a surrogate pair.
(data $deny_text (i32.const 5120) "{{\"result\":{{\"msg\":\"\\ud800\"}}}}\00")
