;; Says what is wrong in UTF-16, with half of a pair.
(data $message (i32.const 8192) "\00\d8")
(func $evaluate (export "evaluate") (result i32) (call $violated (i32.const 8192) (i32.const 1)))
(func $lifted-evaluate (export "evaluate") (result $judgement)
  (canon lift (core func $policy "evaluate") string-encoding=utf16 (memory (core memory $memory "memory"))))
