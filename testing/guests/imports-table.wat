;; Wants a table to share.
(import "env" "table" (table $table 1 funcref))
