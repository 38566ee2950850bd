;; Has another memory, with addresses of 64 bits and 64 GiB.
(memory $wide i64 1048576)
