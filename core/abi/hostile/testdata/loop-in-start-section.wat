;; Never comes back from the module's start section, which the engine runs
;; before the host knows of the instance.
;; Outcome: refused.
(module
  (memory (export "memory") 1)
  (func (export "proxy_abi_version_0_2_1"))
  (func (export "malloc") (param i32) (result i32) (i32.const 1024))
  (func $start (loop $again (br $again)))
  (start $start))
