;; Imports an interface that nobody knows.
(around (import "foo:bar/baz" (instance $foreign (export "quux" (func)))))
