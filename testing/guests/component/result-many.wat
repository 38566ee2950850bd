;; Has 2,000 violations. Harmless.
(data $answer (i32.const 4096) (i32 0) (i32 1) (i32 131072 2000))
(data $message (i32.const 8192) "no")
(func $evaluate (export "evaluate") (result i32)
  (local $at i32)
  (local.set $at (i32.const 131072))
  (loop $again
    (i32.store (local.get $at) (i32.const 8192))
    (i32.store (i32.add (local.get $at) (i32.const 4)) (i32.const 2))
    (local.set $at (i32.add (local.get $at) (i32.const 32)))
    (br_if $again (i32.lt_u (local.get $at) (i32.const 195072))))
  (i32.const 4096))
