;; Grows its table until it is refused, and panics.
(table $functions 1 funcref)
(func $evaluate (export "evaluate") (result i32)
  (loop $again
    (br_if $again (i32.ne (table.grow $functions (ref.null func) (i32.const 1000)) (i32.const -1))))
  (if (i32.gt_u (table.size $functions) (i32.const 20000)) (then (unreachable)))
  (i32.const 4096))
