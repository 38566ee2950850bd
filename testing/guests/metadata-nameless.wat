;; Has no name.
(data $metadata_text (i32.const 3072) "{{\"result\":{\"name\":\"\",\"severity\":\"LOW\",\"errcode\":\"X\"}}}\00")
