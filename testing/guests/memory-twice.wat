;; Wants two memories.
(import "env" "memory" (memory $second 2))
