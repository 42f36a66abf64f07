;; Calls the host from its start section, before there is anybody to act for.
;; Outcome: refused.
(module
  (import "env" "proxy_log" (func $log (param i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func $start (drop (call $log (i32.const 2) (i32.const 0) (i32.const 4))))
  (start $start)
  (func (export "proxy_abi_version_0_2_1"))
  (func (export "malloc") (param i32) (result i32) (i32.const 1024)))
