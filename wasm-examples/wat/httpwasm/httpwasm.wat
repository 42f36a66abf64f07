;; An http-wasm filter that sets one header on each request and the same header
;; on its response. The configuration is NAME=VALUE.
(module $httpwasm
  (import "http_handler" "log"
    (func $log (param $level i32) (param $text i32) (param $size i32)))
  (import "http_handler" "get_config"
    (func $get_config (param $buf i32) (param $limit i32) (result i32)))
  (import "http_handler" "set_header_value"
    (func $set_header_value (param $kind i32) (param $name i32) (param $name_size i32)
      (param $value i32) (param $value_size i32)))

  ;; The host reads and writes here.
  (memory (export "memory") 1)

  (data (i32.const 0) "the configuration must be NAME=VALUE, of at most 1024 bytes")
  (global $complaint_size i32 (i32.const 59))

  ;; The configuration lies at 1024; the name is its beginning.
  (global $config i32 (i32.const 1024))
  (global $limit i32 (i32.const 1024))
  (global $name_size (mut i32) (i32.const 0))
  (global $value (mut i32) (i32.const 0))
  (global $value_size (mut i32) (i32.const 0))

  ;; The start function runs once for each instance. One that traps keeps the
  ;; filter from being loaded.
  (start $configure)
  (func $configure
    (local $size i32)
    (local $at i32)
    (local.set $size (call $get_config (global.get $config) (global.get $limit)))
    (if (i32.gt_u (local.get $size) (global.get $limit)) (then (call $refuse)))
    (block $found
      (loop $next
        (if (i32.ge_u (local.get $at) (local.get $size)) (then (call $refuse)))
        (br_if $found (i32.eq
          (i32.load8_u (i32.add (global.get $config) (local.get $at)))
          (i32.const 61))) ;; =
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $next)))
    (if (i32.eqz (local.get $at)) (then (call $refuse)))
    (global.set $name_size (local.get $at))
    (global.set $value (i32.add (i32.add (global.get $config) (local.get $at)) (i32.const 1)))
    (global.set $value_size (i32.sub (i32.sub (local.get $size) (local.get $at)) (i32.const 1))))

  (func $refuse
    (call $log (i32.const 2) (i32.const 0) (global.get $complaint_size)) ;; an error
    unreachable)

  (func $set (param $kind i32)
    (call $set_header_value (local.get $kind)
      (global.get $config) (global.get $name_size)
      (global.get $value) (global.get $value_size)))

  ;; What is set on the response before the next handler survives in its response.
  (func (export "handle_request") (result i64)
    (call $set (i32.const 0)) ;; the request
    (call $set (i32.const 1)) ;; the response
    (i64.const 1)) ;; the next handler

  ;; Empty, so that the host need not keep the instance until the response.
  (func (export "handle_response") (param $context i32) (param $is_error i32)))
