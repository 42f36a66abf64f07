;; Misbehaves in one callback of many: the VM's configuration is two letters.
;; The first names the callback, a to p in the order below, the second what is
;; done there: l is a loop without end, t a trap, x an exit.
;;
;; Callbacks that need a cause are given one when a stream is logged, so that no
;; stream waits for them.
(module
  (import "env" "proxy_get_buffer_bytes" (func $get_buffer (param i32 i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_set_effective_context" (func $act_for (param i32) (result i32)))
  (import "env" "proxy_set_tick_period_milliseconds" (func $set_tick (param i32) (result i32)))
  (import "env" "proxy_register_shared_queue" (func $register (param i32 i32 i32) (result i32)))
  (import "env" "proxy_enqueue_shared_queue" (func $enqueue (param i32 i32 i32) (result i32)))
  (import "env" "proxy_http_call" (func $http_call (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_call_foreign_function" (func $foreign (param i32 i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  ;; 0: where the configuration is and its size; 8: the queue; 12: other results.
  (data (i32.const 64) "up")
  (data (i32.const 96) "\03\00\00\00\07\00\00\00\03\00\00\00\05\00\00\00\05\00\00\00\0a\00\00\00\01\00\00\00"
    ":method\00GET\00:path\00/call\00:authority\00a\00")
  (data (i32.const 192) "weir.async.hash")
  (data (i32.const 224) "\01\00\00\00text")
  (func (export "proxy_abi_version_0_2_1"))
  (func (export "malloc") (param i32) (result i32) (i32.const 1024))

  ;; letter is the configuration's, 0 where there is none.
  (func $letter (param $at i32) (result i32)
    (drop (call $get_buffer (i32.const 6) (i32.const 0) (i32.const 2) (i32.const 0) (i32.const 4)))
    (if (result i32) (i32.eq (i32.load (i32.const 4)) (i32.const 2))
      (then (i32.load8_u (i32.add (i32.load (i32.const 0)) (local.get $at))))
      (else (i32.const 0))))

  (func $is (param $callback i32) (result i32)
    (i32.eq (call $letter (i32.const 0)) (local.get $callback)))

  (func $misbehave (param $callback i32)
    (local $deed i32)
    (if (i32.eqz (call $is (local.get $callback))) (then (return)))
    (local.set $deed (call $letter (i32.const 1)))
    (if (i32.eq (local.get $deed) (i32.const 0x6c)) (then (loop $again (br $again))))
    (if (i32.eq (local.get $deed) (i32.const 0x74)) (then unreachable))
    (call $exit (i32.const 7)))

  ;; A stream's context has its root as parent, a root none.
  (func (export "proxy_on_context_create") (param $id i32) (param $parent i32)
    (if (local.get $parent) (then (call $misbehave (i32.const 0x61)))))
  (func (export "proxy_on_vm_start") (param i32 i32) (result i32)
    (call $misbehave (i32.const 0x62))
    (i32.const 1))
  (func (export "proxy_on_configure") (param i32 i32) (result i32)
    (call $misbehave (i32.const 0x63))
    (drop (call $register (i32.const 64) (i32.const 2) (i32.const 8)))
    (i32.const 1))
  (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32) (call $misbehave (i32.const 0x64)) (i32.const 0))
  (func (export "proxy_on_request_body") (param i32 i32 i32) (result i32) (call $misbehave (i32.const 0x65)) (i32.const 0))
  (func (export "proxy_on_request_trailers") (param i32 i32) (result i32) (call $misbehave (i32.const 0x66)) (i32.const 0))
  (func (export "proxy_on_response_headers") (param i32 i32 i32) (result i32) (call $misbehave (i32.const 0x67)) (i32.const 0))
  (func (export "proxy_on_response_body") (param i32 i32 i32) (result i32) (call $misbehave (i32.const 0x68)) (i32.const 0))
  (func (export "proxy_on_response_trailers") (param i32 i32) (result i32) (call $misbehave (i32.const 0x69)) (i32.const 0))

  (func (export "proxy_on_log") (param i32)
    (call $misbehave (i32.const 0x6a))
    (drop (call $act_for (i32.const 1)))
    (if (call $is (i32.const 0x6d))
      (then (drop (call $set_tick (i32.const 1)))))
    (if (call $is (i32.const 0x6e))
      (then (drop (call $enqueue (i32.load (i32.const 8)) (i32.const 64) (i32.const 2)))))
    (if (call $is (i32.const 0x6f))
      (then (drop (call $http_call (i32.const 64) (i32.const 2) (i32.const 96) (i32.const 65)
        (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 5000) (i32.const 12)))))
    (if (call $is (i32.const 0x70))
      (then (drop (call $foreign (i32.const 192) (i32.const 15) (i32.const 224) (i32.const 8) (i32.const 12) (i32.const 16))))))
  (func (export "proxy_on_done") (param i32) (result i32) (call $misbehave (i32.const 0x6b)) (i32.const 1))
  (func (export "proxy_on_delete") (param i32) (call $misbehave (i32.const 0x6c)))

  (func (export "proxy_on_tick") (param i32) (call $misbehave (i32.const 0x6d)))
  (func (export "proxy_on_queue_ready") (param i32 i32) (call $misbehave (i32.const 0x6e)))
  (func (export "proxy_on_http_call_response") (param i32 i32 i32 i32 i32) (call $misbehave (i32.const 0x6f)))
  (func (export "proxy_on_foreign_function") (param i32 i32 i32) (call $misbehave (i32.const 0x70))))
