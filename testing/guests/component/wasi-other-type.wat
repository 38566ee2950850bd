;; Imports WASI's clock as if it told a text.
(around (import "wasi:clocks/monotonic-clock@0.2.0" (instance $clock (export "now" (func (result string))))))
