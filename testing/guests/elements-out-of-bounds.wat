;; Starts with functions behind the end of its table.
(table $table 1 funcref)
(elem $elements (i32.const 7) $opa_free)
