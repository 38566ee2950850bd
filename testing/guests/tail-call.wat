;; Calls without coming back.
(func $again (return_call $again))
