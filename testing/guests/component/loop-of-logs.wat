;; Logs without end.
(data $line (i32.const 8192) "again")
(func $evaluate (export "evaluate") (result i32)
  (loop $again (call $log (i32.const 1) (i32.const 8192) (i32.const 5)) (br $again))
  (unreachable))
