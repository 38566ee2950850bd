;; Imports sockets.
(around (import "wasi:sockets/tcp@0.2.0" (instance $foreign (export "create" (func)))))
