;; Looks at the clock, which stands still, until it moves.
(func $evaluate (export "evaluate") (result i32)
  (local $now i64)
  (local.set $now (call $now))
  (loop $again (br_if $again (i64.eq (local.get $now) (call $now))))
  (unreachable))
