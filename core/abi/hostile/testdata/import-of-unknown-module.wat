;; Imports from a module that nobody knows, by a name that would garble a log.
;; Outcome: refused.
(module
  (import "env\0a\1b[31m" "all is well\0d\0a" (func))
  (memory (export "memory") 1)
  (func (export "proxy_abi_version_0_2_1"))
  (func (export "malloc") (param i32) (result i32) (i32.const 1024)))
