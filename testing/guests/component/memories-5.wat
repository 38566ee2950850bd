;; Has four memories more.
(memory $second 1)
(memory $third 1)
(memory $fourth 1)
(memory $fifth 1)
