;; Judges nothing.
(func $lifted-evaluate (result $judgement)
  (canon lift (core func $policy "evaluate") (memory (core memory $memory "memory"))))
