;; Finds a violation of a severity that there is not.
(data $deny_text (i32.const 5120) "{{\"result\":{{\"msg\":\"x\",\"severity\":\"NONE\"}}}}\00")
