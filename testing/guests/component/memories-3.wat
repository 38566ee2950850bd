;; Has two memories more.
(memory $second 1)
(memory $third 1)
