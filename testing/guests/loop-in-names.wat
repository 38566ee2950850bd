;; Never says which entrypoints it has.
(func $entrypoints (export "entrypoints") (result i32)
  (loop $forever (br $forever))
  (unreachable))
