;; Keeps a function in a global, which no snapshot can hold.
(global $kept (mut funcref) (ref.null func))
