;; Has a table of a million functions.
(table $functions 1000000 funcref)
