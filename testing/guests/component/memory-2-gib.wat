;; Wants 2 GiB before it begins.
(memory $pages (export "memory") 32768)
