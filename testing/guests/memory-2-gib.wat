;; Needs 2 GiB from the start.
(import "env" "memory" (memory $memory 32768))
