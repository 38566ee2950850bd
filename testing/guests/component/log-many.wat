;; Logs 900 lines. Harmless.
(data $line (i32.const 8192) "once more")
(func $evaluate (export "evaluate") (result i32)
  (local $lines i32)
  (loop $again
    (call $log (i32.const 2) (i32.const 8192) (i32.const 9))
    (local.set $lines (i32.add (local.get $lines) (i32.const 1)))
    (br_if $again (i32.lt_u (local.get $lines) (i32.const 900))))
  (i32.const 4096))
