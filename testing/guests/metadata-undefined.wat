;; Says nothing of itself.
(data $metadata_text (i32.const 3072) "set()\00")
