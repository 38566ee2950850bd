;; Describes itself in one word.
(func $lifted-metadata (export "metadata") (result string)
  (canon lift (core func $policy "metadata") (memory (core memory $memory "memory"))))
