;; Adds a float to an integer: a module that no validation lets in.
;; Assembled with --no-check.
;; Outcome: refused.
(module
  (memory (export "memory") 1)
  (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
    (i32.add (f64.const 1) (i32.const 1)))
  (func (export "proxy_abi_version_0_2_1"))
  (func (export "malloc") (param i32) (result i32) (i32.const 1024)))
