;; Grows its memory until that is refused, and goes on writing behind the end.
(func $deny (result i32)
  (loop $more (br_if $more (i32.ne (memory.grow (i32.const 16)) (i32.const -1))))
  (call $fill (call $memory_bytes) (i32.const 120) (i32.const 4096)))
