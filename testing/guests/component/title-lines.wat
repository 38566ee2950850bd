;; Has a title and a description that would take over a terminal.
(data $title (i32.const 1080) (i32 1 8192 9))
(data $description (i32.const 1092) (i32 1 8192 9))
(data $title-text (i32.const 8192) "\1b[2J\0d\0aall")
