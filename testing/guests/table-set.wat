;; Writes to its table, where a count would outlive the snapshot of memory and globals.
(table $table 1 funcref)
(elem $declared declare func $opa_free)
(func $write (table.set $table (i32.const 0) (ref.func $opa_free)))
