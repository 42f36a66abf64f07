;; Asks for a tick each millisecond, spends half a callback's budget in each, and
;; asks for another two hundred times over. Requests pass between the ticks.
;; Outcome: served.
;; Lines: 1.
(module
  (import "env" "proxy_log" (func $log (param i32 i32 i32) (result i32)))
  (import "env" "proxy_set_tick_period_milliseconds" (func $set_tick (param i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 64) "twenty ticks")
  (global $ticks (mut i32) (i32.const 0))
  (func (export "proxy_abi_version_0_2_1"))
  (func (export "malloc") (param i32) (result i32) (i32.const 1024))
  (func $ask
    (local $n i32)
    (loop $again
      (drop (call $set_tick (i32.const 1)))
      (br_if $again (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 200)))))
  (func (export "proxy_on_configure") (param i32 i32) (result i32)
    (call $ask)
    (i32.const 1))
  (func (export "proxy_on_tick") (param i32)
    (local $n i32)
    (loop $again
      (br_if $again (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 1000000))))
    (call $ask)
    (global.set $ticks (i32.add (global.get $ticks) (i32.const 1)))
    (if (i32.eq (global.get $ticks) (i32.const 20))
      (then (drop (call $log (i32.const 2) (i32.const 64) (i32.const 12))))))
  (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32) (i32.const 0)))
