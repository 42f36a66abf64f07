;; Reckons where a global begins.
;; Assembled with --enable-extended-const.
;; Outcome: refused.
(module
  (global i32 (i32.add (i32.const 1) (i32.const 2)))
  (memory (export "memory") 1)
  (func (export "proxy_abi_version_0_2_1"))
  (func (export "malloc") (param i32) (result i32) (i32.const 1024)))
