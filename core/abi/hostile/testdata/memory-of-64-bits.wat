;; Wants a memory with addresses of 64 bits.
;; Assembled with --enable-memory64.
;; Outcome: refused.
(module
  (memory (export "memory") i64 1)
  (func (export "proxy_abi_version_0_2_1"))
  (func (export "malloc") (param i32) (result i32) (i32.const 1024)))
