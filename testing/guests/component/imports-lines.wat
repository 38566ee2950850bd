;; Imports what would take over a terminal, if its name were shown as it is.
(around (import "foo:bar/\0a\1b[2J" (instance $foreign (export "quux" (func)))))
