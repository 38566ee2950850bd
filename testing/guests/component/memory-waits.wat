;; Waits for another thread, which there is not, where no deadline can interrupt it.
(memory $shared 1 1 shared)
(func $evaluate (export "evaluate") (result i32)
  (drop (memory.atomic.wait32 $shared (i32.const 0) (i32.const 0) (i64.const -1)))
  (i32.const 4096))
