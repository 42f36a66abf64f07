;; Begins a global with the value of one that is not constant.
;; Assembled with --no-check.
;; Outcome: refused.
(module
  (global $a (mut i32) (i32.const 1))
  (global $b i32 (global.get $a))
  (memory (export "memory") 1)
  (func (export "proxy_abi_version_0_2_1"))
  (func (export "malloc") (param i32) (result i32) (i32.const 1024)))
