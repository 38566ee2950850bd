;; Has a thousand violations with the same message of 100,000 characters.
(data $answer (i32.const 4096) (i32 0) (i32 1) (i32 8192 1000))
(func $evaluate (export "evaluate") (result i32)
  (local $at i32)
  (drop (call $fill (i32.const 131072) (i32.const 97) (i32.const 100000)))
  (local.set $at (i32.const 8192))
  (loop $again
    (i32.store (local.get $at) (i32.const 131072))
    (i32.store (i32.add (local.get $at) (i32.const 4)) (i32.const 100000))
    (local.set $at (i32.add (local.get $at) (i32.const 32)))
    (br_if $again (i32.lt_u (local.get $at) (i32.const 40192))))
  (i32.const 4096))
