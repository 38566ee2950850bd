;; Imports a module under a name that policies may import.
(around (import "wasi:cli/program@0.2.0" (core module $foreign)))
