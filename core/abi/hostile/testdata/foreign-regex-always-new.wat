;; Has the host compile an expression that it has not seen, in a loop: no cache
;; helps, and none may grow.
;; Outcome: ended.
(module
  (import "env" "proxy_call_foreign_function" (func $call (param i32 i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 2)
  (data (i32.const 64) "weir.regex")
  (data (i32.const 1024) "\00\00\00\00\17\00\00\00\00\00\00\00(([a-z]{9}){9}x){3}aaaasubject")
  (func (export "proxy_abi_version_0_2_1"))
  (func (export "malloc") (param i32) (result i32) (i32.const 0x10000))
  (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
    (local $n i32)
    (loop $again
      ;; The last four bytes of the pattern are a number in letters.
      (i32.store (i32.const 1055) (i32.or (i32.const 0x61616161) (i32.and (local.get $n) (i32.const 0x0f0f0f0f))))
      (local.set $n (i32.add (local.get $n) (i32.const 0x01030507)))
      (drop (call $call (i32.const 64) (i32.const 10) (i32.const 1024) (i32.const 42) (i32.const 0) (i32.const 4)))
      (br $again))
    (i32.const 0)))
