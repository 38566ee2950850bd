;; Imports a function of the world with other parameters.
(import "magtape:policy/host@1.0.0" (instance $host
  (type $level' (enum "debug" "info" "warn" "error"))
  (export "level" (type $level (eq $level')))
  (export "log" (func (param "level" $level) (param "message" string)))
  (export "now" (func (param "zone" u32) (result u64)))
  (export "abort" (func (param "reason" string)))))
(import "host" "now" (func $now (param i32) (result i64)))
