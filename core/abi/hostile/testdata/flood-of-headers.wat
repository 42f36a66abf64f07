;; Adds five thousand headers of 1 KiB to a request. What may be written to one stream
;; is, the request then has too large a head for its upstream or passes.
;; Outcome: served.
;; Lines: 1.
;; Filter: budget = "10s"
(module
  (import "env" "proxy_log" (func $log (param i32 i32 i32) (result i32)))
  (import "env" "proxy_add_header_map_value" (func $add_header_map_value (param i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 2)
  (data (i32.const 64) "taken: 00000")
  (data (i32.const 128) "key-00000")
  (global $taken (mut i32) (i32.const 0))
  (func $count (param $answer i32)
    (if (i32.eqz (local.get $answer)) (then (global.set $taken (i32.add (global.get $taken) (i32.const 1))))))
  (func $digits (param $n i32) (param $at i32) ;; five decimal digits
    (local $k i32)
    (local.set $k (i32.const 5))
    (loop $next
      (local.set $k (i32.sub (local.get $k) (i32.const 1)))
      (i32.store8 (i32.add (local.get $at) (local.get $k)) (i32.add (i32.const 48) (i32.rem_u (local.get $n) (i32.const 10))))
      (local.set $n (i32.div_u (local.get $n) (i32.const 10)))
      (br_if $next (local.get $k))))
  (func (export "proxy_abi_version_0_2_1"))
  (func (export "malloc") (param i32) (result i32) (i32.const 1024))
  (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
    (local $n i32)
    (memory.fill (i32.const 0x10000) (i32.const 0x61) (i32.const 1024))
    (loop $again
      (call $digits (local.get $n) (i32.const 132))
      (call $count (call $add_header_map_value (i32.const 0) (i32.const 128) (i32.const 9) (i32.const 0x10000) (i32.const 1024)))
      (br_if $again (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 5000))))
    (call $digits (global.get $taken) (i32.const 71))
    (drop (call $log (i32.const 2) (i32.const 64) (i32.const 12)))
    (i32.const 0)))
