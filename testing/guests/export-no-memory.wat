;; Exports a function where its memory belongs.
(func $not_memory (export "memory"))
