;; Wants addresses of 64 bits.
(import "env" "memory" (memory $memory i64 2))
(data $builtins_text (i64.const 1024) "{}\00")
