;; Has a policy in it, but is none.
(around (component $inside
  (import "magtape:policy/types@1.0.0" (instance $types))
  (core module $nothing)))
(func $lifted-evaluate (result $judgement)
  (canon lift (core func $policy "evaluate") (memory (core memory $memory "memory"))))
