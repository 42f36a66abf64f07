;; Exports a callback that takes floats.
;; Outcome: refused.
(module
  (memory (export "memory") 1)
  (func (export "proxy_on_request_headers") (param f64 f64) (result f64) (f64.const 0))
  (func (export "proxy_abi_version_0_2_1"))
  (func (export "malloc") (param i32) (result i32) (i32.const 1024)))
