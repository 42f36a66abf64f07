;; Never comes back from _start, as a command has it.
;; Outcome: refused.
(module
  (memory (export "memory") 1)
  (func (export "proxy_abi_version_0_2_1"))
  (func (export "malloc") (param i32) (result i32) (i32.const 1024))
  (func (export "_start") (loop $again (br $again))))
