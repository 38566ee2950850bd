;; Answers twice, once clean and once not.
(data $deny_text (i32.const 5120) "{{\"result\":set()},{\"result\":{{\"msg\":\"[FAIL] HIGH\"}}}}\00")
