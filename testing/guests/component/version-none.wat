;; Speaks a world without a version.
(around (import "magtape:policy/types" (instance $other (export "launch" (func)))))
