;; Has the host read a key that is none in a loop, and sign nothing by it.
;; Outcome: ended.
(module
  (import "env" "proxy_call_foreign_function" (func $call (param i32 i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 2)
  (data (i32.const 64) "sign")
  (data (i32.const 1024) "\0a\06sha256\12\80\8c\01")
  (func (export "proxy_abi_version_0_2_1"))
  (func (export "malloc") (param i32) (result i32) (i32.const 0x10000))
  (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
    (loop $again
      (drop (call $call (i32.const 64) (i32.const 4) (i32.const 1024) (i32.const 18000) (i32.const 0) (i32.const 4)))
      (br $again))
    (i32.const 0)))
