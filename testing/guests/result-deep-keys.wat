;; Answers objects that are the keys of objects, 100,000 times.
(func $deny (result i32) (call $fill (i32.const 131072) (i32.const 0x7b) (i32.const 100000)))
