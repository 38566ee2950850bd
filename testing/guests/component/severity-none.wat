;; Has a severity that there is not.
(data $severity (i32.const 1032) (i32 3))
