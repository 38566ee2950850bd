;; Never comes back from deny.
(func $deny (result i32)
  (loop $forever (br $forever))
  (unreachable))
