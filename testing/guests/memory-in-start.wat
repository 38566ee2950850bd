;; Takes all the memory there is before it is asked anything, and fills it.
(func $begin
  (loop $more (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
  (drop (call $fill (i32.const 65536) (i32.const 120) (i32.sub (call $memory_bytes) (i32.const 65536)))))
(start $begin)
