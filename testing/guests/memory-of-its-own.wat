;; Brings its memory along.
(memory $memory (export "memory") 2)
