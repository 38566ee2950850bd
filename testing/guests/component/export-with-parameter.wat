;; Wants to be told what to judge.
(func $evaluate (export "evaluate") (param i32) (result i32) (i32.const 4096))
(func $lifted-evaluate (export "evaluate") (param "object" u32) (result $judgement)
  (canon lift (core func $policy "evaluate") (memory (core memory $memory "memory"))))
