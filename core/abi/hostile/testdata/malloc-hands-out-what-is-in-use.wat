;; Hands out, at an odd address, the very bytes that the host is about to write
;; its results to, and those that the host reads the name from.
;; Outcome: served.
;; Lines: 1.
(module
  (import "env" "proxy_log" (func $log (param i32 i32 i32) (result i32)))
  (import "env" "proxy_get_header_map_value" (func $get (param i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "0123456789abcdef")
  (data (i32.const 64) ":path")
  (global $at (mut i32) (i32.const 0))
  (func (export "proxy_abi_version_0_2_1"))
  (func (export "malloc") (param i32) (result i32) (global.get $at))
  (func $try (param $at i32) (param $note i32)
    (global.set $at (local.get $at))
    (i32.store8 (local.get $note) (i32.load8_u offset=16
      (call $get (i32.const 0) (i32.const 64) (i32.const 5) (i32.const 1) (i32.const 3)))))
  (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
    (call $try (i32.const 1) (i32.const 128))
    (call $try (i32.const 3) (i32.const 129))
    (call $try (i32.const 65) (i32.const 130))
    (drop (call $log (i32.const 2) (i32.const 128) (i32.const 3)))
    (i32.const 0)))
