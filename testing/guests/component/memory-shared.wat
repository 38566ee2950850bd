;; Has another memory that threads could share, which no limit of a store bounds.
(memory $shared 1 65536 shared)
(func $evaluate (export "evaluate") (result i32)
  (loop $again (br_if $again (i32.ne (memory.grow $shared (i32.const 16)) (i32.const -1))))
  (i32.const 4096))
