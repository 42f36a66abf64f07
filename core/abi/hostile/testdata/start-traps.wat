;; Traps in its start section.
;; Outcome: refused.
(module
  (memory (export "memory") 1)
  (func $start unreachable)
  (start $start)
  (func (export "proxy_abi_version_0_2_1"))
  (func (export "malloc") (param i32) (result i32) (i32.const 1024)))
