;; Wants more memory before it begins than its own limit has, but not more than another's.
(memory $pages (export "memory") 300)
