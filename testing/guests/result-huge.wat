;; Answers a text of a megabyte.
(func $deny (result i32)
  (drop (memory.grow (i32.const 16)))
  (call $fill (i32.const 131072) (i32.const 120) (i32.const 1048576)))
