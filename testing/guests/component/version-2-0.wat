;; Speaks the next major version of the world.
(around (import "magtape:policy/other@2.0.0" (instance $other (export "launch" (func)))))
