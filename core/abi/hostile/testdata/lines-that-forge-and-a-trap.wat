;; Logs such lines as errors, and traps: what it said last stands beside the reason.
;; Outcome: ended.
(module
  (import "env" "proxy_log" (func $log (param i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 64) "a\0a{\22level\22:\22INFO\22}\0d\1b[2J\00\e2\80\ae\ff\fe end")
  (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
    (drop (call $log (i32.const 4) (i32.const 64) (i32.const 36)))
    unreachable)
  (func (export "proxy_abi_version_0_2_1"))
  (func (export "malloc") (param i32) (result i32) (i32.const 1024)))
