;; Answers a string where only a boolean says whether it applies.
(data $matches_text (i32.const 4096) "{{\"result\":\"true\"}}\00")
