;; Imports an interface that the world does not have.
(around (import "magtape:policy/rockets@1.0.0" (instance $foreign (export "launch" (func)))))
