;; Speaks a minor version below zero.
(global $abi_minor_version (export "opa_wasm_abi_minor_version") i32 (i32.const -1))
