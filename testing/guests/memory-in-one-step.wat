;; Asks for all of four gigabytes at once, and gives up.
(data $words (i32.const 8192) "opa_malloc: failed\00")
(func $deny (result i32)
  (if (i32.eq (memory.grow (i32.const 65400)) (i32.const -1)) (then (call $opa_abort (i32.const 8192))))
  (unreachable))
