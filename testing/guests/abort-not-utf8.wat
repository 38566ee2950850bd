;; Gives up with words that are no UTF-8.
(data $words (i32.const 8192) "\ff\fe\00")
(func $deny (result i32) (call $opa_abort (i32.const 8192)) (unreachable))
