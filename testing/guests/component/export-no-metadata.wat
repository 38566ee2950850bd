;; Does not say what it is.
(func $lifted-metadata (result $metadata-type)
  (canon lift (core func $policy "metadata") (memory (core memory $memory "memory"))))
