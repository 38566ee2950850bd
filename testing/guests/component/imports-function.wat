;; Imports a function without an interface.
(around (import "exec" (func $foreign (param "command" string))))
