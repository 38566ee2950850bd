;; Traps when it is asked who it is.
(func $policy_metadata (result i32) (unreachable))
