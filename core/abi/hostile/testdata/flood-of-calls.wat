;; Sends a hundred requests to a cluster from one stream, which waits for the answers.
;; As many go out as one stream may have under way.
;; Outcome: served.
;; Lines: 1.
;; Filter: budget = "10s"
;; Filter: calls = ["up"]
(module
  (import "env" "proxy_log" (func $log (param i32 i32 i32) (result i32)))
  (import "env" "proxy_http_call" (func $http_call (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_continue_stream" (func $continue_stream (param i32) (result i32)))
  (import "env" "proxy_set_effective_context" (func $act_for (param i32) (result i32)))
  (memory (export "memory") 2)
  (data (i32.const 64) "taken: 00000")
  (data (i32.const 128) "key-00000")
  (data (i32.const 160) "up")
  (data (i32.const 176) "\03\00\00\00\07\00\00\00\03\00\00\00\05\00\00\00\05\00\00\00\0a\00\00\00\01\00\00\00"
    ":method\00GET\00:path\00/call\00:authority\00a\00")
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
  (global $id (mut i32) (i32.const 0))
  (global $back (mut i32) (i32.const 0))
  (func (export "proxy_on_http_call_response") (param i32 i32 i32 i32 i32)
    (global.set $back (i32.add (global.get $back) (i32.const 1)))
    (if (i32.eq (global.get $back) (global.get $taken))
      (then
        (drop (call $act_for (global.get $id)))
        (drop (call $continue_stream (i32.const 0))))))
  (func (export "proxy_on_request_headers") (param $id i32) (param i32 i32) (result i32)
    (local $n i32)
    (global.set $id (local.get $id))
    (loop $again
      (call $digits (local.get $n) (i32.const 132))
      (call $count (call $http_call (i32.const 160) (i32.const 2) (i32.const 176) (i32.const 65) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 10000) (i32.const 8)))
      (br_if $again (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 100))))
    (call $digits (global.get $taken) (i32.const 71))
    (drop (call $log (i32.const 2) (i32.const 64) (i32.const 12)))
    (i32.const 1)))
