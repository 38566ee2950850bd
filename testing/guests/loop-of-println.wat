;; Prints 4,000 bytes without end.
(func $deny (result i32)
  (drop (call $fill (i32.const 131072) (i32.const 120) (i32.const 4000)))
  (loop $forever (call $opa_println (i32.const 131072)) (br $forever))
  (unreachable))
