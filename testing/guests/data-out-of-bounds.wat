;; Starts with data behind its memory.
(data $far (i32.const 0x7ffffff0) "far away")
