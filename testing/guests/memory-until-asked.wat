;; Takes all the memory there is and writes to each page, then goes on asking for more.
(func $deny (result i32)
  (loop $more (br_if $more (i32.ne (memory.grow (i32.const 16)) (i32.const -1))))
  (drop (call $fill (i32.const 131072) (i32.const 120) (i32.sub (call $memory_bytes) (i32.const 131072))))
  (loop $forever (drop (memory.grow (i32.const 1))) (br $forever))
  (unreachable))
