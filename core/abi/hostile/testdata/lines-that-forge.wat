;; Logs lines that would forge others, clear a screen or turn text around, and refuses
;; its configuration.
;; Outcome: refused.
(module
  (import "env" "proxy_log" (func $log (param i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 64) "a\0a{\22level\22:\22INFO\22}\0d\1b[2J\00\e2\80\ae\ff\fe end")
  (func (export "proxy_on_configure") (param i32 i32) (result i32)
    (drop (call $log (i32.const 4) (i32.const 64) (i32.const 36)))
    (i32.const 0))
  (func (export "proxy_abi_version_0_2_1"))
  (func (export "malloc") (param i32) (result i32) (i32.const 1024)))
