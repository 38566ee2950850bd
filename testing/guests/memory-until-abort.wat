;; Grows its memory until that is refused, and gives up with the words of OPA's own allocator.
(data $words (i32.const 8192) "opa_malloc: failed\00")
(func $deny (result i32)
  (loop $more (br_if $more (i32.ne (memory.grow (i32.const 16)) (i32.const -1))))
  (call $opa_abort (i32.const 8192))
  (unreachable))
