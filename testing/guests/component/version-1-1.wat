;; Speaks the next minor version of the world.
(around (import "magtape:policy/other@1.1.0" (instance $other (export "launch" (func)))))
