;; Judges an operation that there is not.
(data $operations (i32.const 1052) (i32 8192 2))
(data $operation-list (i32.const 8192) "\00\04")
