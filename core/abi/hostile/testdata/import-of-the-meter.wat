;; Imports the function by which the host meters it, to call it without need.
;; Outcome: refused.
(module
  (import "weir" "refuel" (func))
  (memory (export "memory") 1)
  (func (export "proxy_abi_version_0_2_1"))
  (func (export "malloc") (param i32) (result i32) (i32.const 1024)))
