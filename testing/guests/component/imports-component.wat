;; Imports a component under a name that policies may import.
(around (import "wasi:cli/program@0.2.0" (component $foreign)))
