;; Acts for every context id from 0 to 65,535 and for some beyond. Three exist: the
;; VM itself, its root and its one stream, and that alone has a path to be read.
;; Outcome: served.
;; Lines: 1.
;; Filter: budget = "1s"
(module
  (import "env" "proxy_log" (func $log (param i32 i32 i32) (result i32)))
  (import "env" "proxy_set_effective_context" (func $act_for (param i32) (result i32)))
  (import "env" "proxy_get_header_map_value" (func $get (param i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 64) "contexts: 0, with a path: 0")
  (data (i32.const 128) ":path")
  (func (export "proxy_abi_version_0_2_1"))
  (func (export "malloc") (param i32) (result i32) (i32.const 1024))
  (func $count (param $digit i32)
    (i32.store8 (local.get $digit) (i32.add (i32.load8_u (local.get $digit)) (i32.const 1))))
  (func $try (param $id i32)
    (if (i32.eqz (call $act_for (local.get $id)))
      (then
        (call $count (i32.const 74))
        (if (i32.eqz (call $get (i32.const 0) (i32.const 128) (i32.const 5) (i32.const 0) (i32.const 4)))
          (then (call $count (i32.const 90)))))))
  (global $next (mut i32) (i32.const 0))
  (func $some
    (local $n i32)
    (loop $again
      (call $try (global.get $next))
      (global.set $next (i32.add (global.get $next) (i32.const 1)))
      (br_if $again (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 8192)))))
  (func (export "proxy_on_request_headers") (param $id i32) (param i32 i32) (result i32)
    (call $some)
    (drop (call $act_for (local.get $id)))
    (i32.const 0))
  (func (export "proxy_on_request_body") (param $id i32) (param i32 i32) (result i32)
    (call $some)
    (drop (call $act_for (local.get $id)))
    (i32.const 0))
  (func (export "proxy_on_request_trailers") (param i32 i32) (result i32)
    (call $try (i32.const 0x7fffffff))
    (call $try (i32.const 0x80000001))
    (call $try (i32.const 0xffffffff))
    (call $try (i32.const 0x00001002))
    (drop (call $act_for (i32.const 1)))
    (drop (call $log (i32.const 2) (i32.const 64) (i32.const 27)))
    (i32.const 0)))
