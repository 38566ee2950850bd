;; Has an instance where a function should be.
(func $lifted-evaluate (result $judgement)
  (canon lift (core func $policy "evaluate") (memory (core memory $memory "memory"))))
(around
  (instance $judges)
  (export "evaluate" (instance $judges)))
