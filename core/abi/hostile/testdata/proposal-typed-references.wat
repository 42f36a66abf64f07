;; Calls a reference to a function.
;; Assembled with --enable-function-references.
;; Outcome: refused.
(module
  (memory (export "memory") 1)
  (func $f)
  (elem declare func $f)
  (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
    (call_ref (ref.func $f))
    (i32.const 0))
  (func (export "proxy_abi_version_0_2_1"))
  (func (export "malloc") (param i32) (result i32) (i32.const 1024)))
