;; Wants its memory from the host, and brings another along.
(memory $own 2)
