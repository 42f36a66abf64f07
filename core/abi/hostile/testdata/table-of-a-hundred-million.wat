;; Wants a table of 800 MB from the beginning.
;; Outcome: refused.
(module
  (table 100000000 funcref)
  (memory (export "memory") 1)
  (func (export "proxy_abi_version_0_2_1"))
  (func (export "malloc") (param i32) (result i32) (i32.const 1024)))
