;; What every guest starts from: a policy that speaks OPA's Wasm ABI 1.3, applies to each Deployment and has
;; nothing against it. A value is the address of its own text here, so that parsing and dumping change nothing.
;;
;; A guest's file names only what differs: its definitions take the place of those with the same $name, and the
;; rest is added. `@guest` becomes the name of the guest's file.

(import "env" "memory" (memory $memory 2))
(import "env" "opa_abort" (func $opa_abort (param i32)))
(import "env" "opa_println" (func $opa_println (param i32)))
(import "env" "opa_builtin0" (func $opa_builtin0 (param i32 i32) (result i32)))
(import "env" "opa_builtin1" (func $opa_builtin1 (param i32 i32 i32) (result i32)))
(import "env" "opa_builtin2" (func $opa_builtin2 (param i32 i32 i32 i32) (result i32)))

;; The end of what is in use. The host starts a guest with 4 MiB, so that nothing here has to grow.
(global $heap (mut i32) (i32.const 65536))
(global $entrypoint (mut i32) (i32.const -1))
(global $result (mut i32) (i32.const 0))
(global $abi_version (export "opa_wasm_abi_version") i32 (i32.const 1))
(global $abi_minor_version (export "opa_wasm_abi_minor_version") i32 (i32.const 3))

(data $builtins_text (i32.const 1024) "{}\00")
(data $entrypoints_text (i32.const 2048)
  "{\"kubernetes/admission/hostile/deny\":0,\"kubernetes/admission/hostile/matches\":1,"
  "\"kubernetes/admission/hostile/policy_metadata\":2}\00")
(data $metadata_text (i32.const 3072)
  "{{\"result\":{\"name\":\"hostile-@guest\",\"severity\":\"LOW\",\"errcode\":\"HOSTILE\","
  "\"targets\":{\"Deployment\"}}}}\00")
(data $matches_text (i32.const 4096) "{{\"result\":true}}\00")
(data $deny_text (i32.const 5120) "{{\"result\":set()}}\00")

;; What the entrypoints find.
(func $deny (result i32) (i32.const 5120))
(func $matches (result i32) (i32.const 4096))
(func $policy_metadata (result i32) (i32.const 3072))

(func $builtins (export "builtins") (result i32) (i32.const 1024))
(func $entrypoints (export "entrypoints") (result i32) (i32.const 2048))

;; Memory is only ever taken, and there is room for a NUL after each text.
(func $opa_malloc (export "opa_malloc") (param $bytes i32) (result i32)
  (global.get $heap)
  (global.set $heap (i32.add (global.get $heap) (i32.add (local.get $bytes) (i32.const 1)))))
(func $opa_free (export "opa_free") (param $address i32))

(func $opa_json_parse (export "opa_json_parse") (param $text i32) (param $length i32) (result i32)
  (local.get $text))
(func $opa_value_parse (export "opa_value_parse") (param $text i32) (param $length i32) (result i32)
  (local.get $text))
(func $opa_value_dump (export "opa_value_dump") (param $value i32) (result i32)
  (local.get $value))

;; One context is enough, so its address means nothing.
(func $ctx_new (export "opa_eval_ctx_new") (result i32) (i32.const 8))
(func $ctx_set_input (export "opa_eval_ctx_set_input") (param $ctx i32) (param $value i32))
(func $ctx_set_data (export "opa_eval_ctx_set_data") (param $ctx i32) (param $value i32))
(func $ctx_set_entrypoint (export "opa_eval_ctx_set_entrypoint") (param $ctx i32) (param $entrypoint i32)
  (global.set $entrypoint (local.get $entrypoint)))
(func $ctx_get_result (export "opa_eval_ctx_get_result") (param $ctx i32) (result i32)
  (global.get $result))
(func $eval (export "eval") (param $ctx i32) (result i32)
  (if (i32.eq (global.get $entrypoint) (i32.const 0)) (then (global.set $result (call $deny))))
  (if (i32.eq (global.get $entrypoint) (i32.const 1)) (then (global.set $result (call $matches))))
  (if (i32.eq (global.get $entrypoint) (i32.const 2)) (then (global.set $result (call $policy_metadata))))
  (i32.const 0))

;; Writes a byte so many times, and answers where.
(func $fill (param $address i32) (param $byte i32) (param $count i32) (result i32)
  (local $written i32)
  (loop $next
    (i32.store8 (i32.add (local.get $address) (local.get $written)) (local.get $byte))
    (local.set $written (i32.add (local.get $written) (i32.const 1)))
    (br_if $next (i32.lt_u (local.get $written) (local.get $count))))
  (local.get $address))

;; The bytes that there are.
(func $memory_bytes (result i32) (i32.mul (memory.size) (i32.const 65536)))
