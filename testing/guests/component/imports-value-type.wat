;; Imports a type of its own, which asks nothing of the host. Harmless.
(around
  (type $shape u32)
  (import "shape" (type $foreign (eq $shape))))
