;; Does not say which version of the ABI it is of.
;; Outcome: refused.
(module
  (memory (export "memory") 1)
  (func (export "malloc") (param i32) (result i32) (i32.const 1024)))
