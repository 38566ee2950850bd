;; Speaks a minor version to come.
(global $abi_minor_version (export "opa_wasm_abi_minor_version") i32 (i32.const 4))
