;; Takes a name much like the one under which the host exports the global 0, with another global behind it.
(global $wide (export "magtape:global:00") (mut i64) (i64.const 1))
