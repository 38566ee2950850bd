;; Speaks a version from before the first.
(around (import "magtape:policy/other@0.9.0" (instance $other (export "launch" (func)))))
