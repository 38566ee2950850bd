;; Speaks a major version to come.
(global $abi_version (export "opa_wasm_abi_version") i32 (i32.const 2))
(global $abi_minor_version (export "opa_wasm_abi_minor_version") i32 (i32.const 0))
