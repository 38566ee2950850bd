;; Imports a client of the web.
(around (import "wasi:http/outgoing-handler@0.2.0" (instance $foreign (export "handle" (func)))))
