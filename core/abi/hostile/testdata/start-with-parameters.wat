;; Has a start function that wants an argument.
;; Assembled with --no-check.
;; Outcome: refused.
(module
  (memory (export "memory") 1)
  (func $start (param i32))
  (start $start)
  (func (export "proxy_abi_version_0_2_1"))
  (func (export "malloc") (param i32) (result i32) (i32.const 1024)))
