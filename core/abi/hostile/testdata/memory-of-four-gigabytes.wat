;; Wants all memory there can be from the beginning.
;; Outcome: refused.
(module
  (memory (export "memory") 65536 65536)
  (func (export "proxy_abi_version_0_2_1"))
  (func (export "malloc") (param i32) (result i32) (i32.const 1024)))
