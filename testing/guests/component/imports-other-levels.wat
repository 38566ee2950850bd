;; Imports the log with a level more.
(import "magtape:policy/host@1.0.0" (instance $host
  (type $level' (enum "debug" "info" "warn" "error" "fatal"))
  (export "level" (type $level (eq $level')))
  (export "log" (func (param "level" $level) (param "message" string)))
  (export "now" (func (result u64)))
  (export "abort" (func (param "reason" string)))))
