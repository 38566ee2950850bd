;; Wants a memory that threads share.
(import "env" "memory" (memory $memory 2 16 shared))
