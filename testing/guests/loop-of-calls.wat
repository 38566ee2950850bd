;; Does nothing but call an empty function.
(func $nothing)
(func $deny (result i32)
  (loop $forever (call $nothing) (br $forever))
  (unreachable))
