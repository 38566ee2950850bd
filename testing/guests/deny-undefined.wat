;; Answers no binding at all: deny is undefined.
(data $deny_text (i32.const 5120) "set()\00")
