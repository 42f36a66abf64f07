;; Removes what no request can do without.
;; Outcome: served.
;; Lines: 1.
(module
  (import "env" "proxy_log" (func $log (param i32 i32 i32) (result i32)))
  (import "env" "proxy_remove_header_map_value" (func $remove_header_map_value (param i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 1024) ":scheme")
  (data (i32.const 1031) "content-length")
  (data (i32.const 1045) "transfer-encoding")
  (data (i32.const 1062) "connection")
  (data (i32.const 1072) "host")
  (data (i32.const 16) "0123456789abcdef")
  (global $end (mut i32) (i32.const 64))
  (func $note (param $answer i32) ;; one hexadecimal digit each
    (i32.store8 (global.get $end) (i32.load8_u offset=16 (local.get $answer)))
    (global.set $end (i32.add (global.get $end) (i32.const 1))))
  (func (export "proxy_abi_version_0_2_1"))
  (func (export "malloc") (param i32) (result i32) (i32.const 512))
  (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
    (call $note (call $remove_header_map_value (i32.const 0) (i32.const 1024) (i32.const 7)))
    (call $note (call $remove_header_map_value (i32.const 0) (i32.const 1031) (i32.const 14)))
    (call $note (call $remove_header_map_value (i32.const 0) (i32.const 1045) (i32.const 17)))
    (call $note (call $remove_header_map_value (i32.const 0) (i32.const 1062) (i32.const 10)))
    (call $note (call $remove_header_map_value (i32.const 0) (i32.const 1072) (i32.const 4)))
    (drop (call $log (i32.const 2) (i32.const 64) (i32.sub (global.get $end) (i32.const 64))))
    (i32.const 0)))
