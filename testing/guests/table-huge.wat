;; Needs a table of ten million functions.
(table $table 10000000 funcref)
