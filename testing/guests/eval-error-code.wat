;; Finds nothing, and says by the number that eval answers that deny could not be evaluated.
(func $eval (export "eval") (param $ctx i32) (result i32)
  (global.set $result
    (if (result i32) (i32.eq (global.get $entrypoint) (i32.const 2))
      (then (call $policy_metadata))
      (else (if (result i32) (global.get $entrypoint) (then (call $matches)) (else (call $deny))))))
  (i32.eqz (global.get $entrypoint)))
