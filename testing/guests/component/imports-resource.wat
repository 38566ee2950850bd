;; Imports a resource without an interface.
(around (import "thing" (type $foreign (sub resource))))
