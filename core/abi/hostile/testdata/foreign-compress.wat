;; Has the host compress 60 KB in a loop.
;; Outcome: ended.
(module
  (import "env" "proxy_call_foreign_function" (func $call (param i32 i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 2)
  (data (i32.const 64) "compress")
  (data (i32.const 1024) "")
  (func (export "proxy_abi_version_0_2_1"))
  (func (export "malloc") (param i32) (result i32) (i32.const 0x10000))
  (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
    (loop $again
      (drop (call $call (i32.const 64) (i32.const 8) (i32.const 1024) (i32.const 60000) (i32.const 0) (i32.const 4)))
      (br $again))
    (i32.const 0)))
