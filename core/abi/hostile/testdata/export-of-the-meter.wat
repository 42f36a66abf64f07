;; Exports a global of its own as the fuel that it has left.
;; Outcome: refused.
(module
  (global (export "weir_fuel") (mut i64) (i64.const 0x7fffffffffffffff))
  (memory (export "memory") 1)
  (func (export "proxy_abi_version_0_2_1"))
  (func (export "malloc") (param i32) (result i32) (i32.const 1024)))
