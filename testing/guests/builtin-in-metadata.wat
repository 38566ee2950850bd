;; Makes up what it says of itself by a builtin that it never named.
(func $policy_metadata (result i32) (call $opa_builtin0 (i32.const 0) (i32.const 0)))
