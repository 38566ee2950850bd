;; Has a name of two lines.
(data $name-text (i32.const 2048) "hostile\0aguest")
