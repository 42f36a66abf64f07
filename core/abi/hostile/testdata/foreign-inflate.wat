;; Gives the host a few kilobytes to uncompress that become eight megabytes, in a
;; loop: the host stops at one, with nothing to show, and the time is paid for.
;; Outcome: ended.
(module
  (import "env" "proxy_call_foreign_function" (func $call (param i32 i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 2)
  (data (i32.const 64) "uncompress")
  (data (i32.const 1024) "\78\da\ec\c1\01\01\00\00\00\80\90\fe\af\ee\08\0a\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00")
  ;; What follows of it is the same byte, 8031 times, and an end.
  (func (export "proxy_abi_version_0_2_1"))
  (func (export "malloc") (param i32) (result i32) (i32.const 0x10000))
  (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
    (memory.fill (i32.const 1144) (i32.const 0x00) (i32.const 8043))
    (loop $again
      (drop (call $call (i32.const 64) (i32.const 10) (i32.const 1024) (i32.const 8163) (i32.const 0) (i32.const 4)))
      (br $again))
    (i32.const 0)))
