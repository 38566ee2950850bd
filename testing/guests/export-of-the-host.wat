;; Takes the name under which the host exports the global, to have another value kept in the snapshot.
(global $heap (export "magtape:global:0") (mut i32) (i32.const 65536))
