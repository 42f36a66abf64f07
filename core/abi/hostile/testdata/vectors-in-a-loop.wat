;; Loops over vector instructions, which are served and paid for.
;; Outcome: ended.
(module
  (memory (export "memory") 1)
  (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
    (local $v v128)
    (loop $again
      (local.set $v (i64x2.mul (i8x16.popcnt (local.get $v)) (i64x2.splat (i64.const 3))))
      (br $again))
    (i32.const 0))
  (func (export "proxy_abi_version_0_2_1"))
  (func (export "malloc") (param i32) (result i32) (i32.const 1024)))
