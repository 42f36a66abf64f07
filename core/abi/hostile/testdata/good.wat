;; The filter beside the hostile ones. It keeps a word in shared data and leaves
;; it in a field of each request and each response.
(module
  (import "env" "proxy_set_shared_data" (func $keep (param i32 i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_get_shared_data" (func $recall (param i32 i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_replace_header_map_value" (func $put (param i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 64) "word")
  (data (i32.const 80) "good")
  (data (i32.const 96) "x-good")
  (func (export "proxy_abi_version_0_2_1"))
  (func (export "malloc") (param i32) (result i32) (i32.const 1024))

  (func (export "proxy_on_configure") (param i32 i32) (result i32)
    (drop (call $keep (i32.const 64) (i32.const 4) (i32.const 80) (i32.const 4) (i32.const 0)))
    (i32.const 1))

  (func $mark (param $map i32)
    (drop (call $recall (i32.const 64) (i32.const 4) (i32.const 0) (i32.const 4) (i32.const 8)))
    (drop (call $put (local.get $map) (i32.const 96) (i32.const 6)
      (i32.load (i32.const 0)) (i32.load (i32.const 4)))))
  (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
    (call $mark (i32.const 0))
    (i32.const 0))
  (func (export "proxy_on_response_headers") (param i32 i32 i32) (result i32)
    (call $mark (i32.const 2))
    (i32.const 0)))
