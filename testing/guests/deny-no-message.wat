;; Finds a violation that it has no text for.
(data $deny_text (i32.const 5120) "{{\"result\":{{\"errcode\":\"X\"}}}}\00")
