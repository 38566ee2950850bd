;; Does not say what it speaks.
(global $abi_version i32 (i32.const 1))
