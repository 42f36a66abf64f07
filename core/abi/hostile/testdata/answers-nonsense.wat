;; Answers each callback with a number that means nothing.
;; Outcome: served.
(module
  (memory (export "memory") 1)
  (func (export "proxy_on_vm_start") (param i32 i32) (result i32) (i32.const -7))
  (func (export "proxy_on_configure") (param i32 i32) (result i32) (i32.const 0x80000000))
  (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32) (i32.const 99))
  (func (export "proxy_on_request_body") (param i32 i32 i32) (result i32) (i32.const -1))
  (func (export "proxy_on_request_trailers") (param i32 i32) (result i32) (i32.const 77))
  (func (export "proxy_on_response_headers") (param i32 i32 i32) (result i32) (i32.const 0x7fffffff))
  (func (export "proxy_on_response_body") (param i32 i32 i32) (result i32) (i32.const 5))
  (func (export "proxy_on_response_trailers") (param i32 i32) (result i32) (i32.const 6))
  (func (export "proxy_on_done") (param i32) (result i32) (i32.const 2))
  (func (export "proxy_abi_version_0_2_1"))
  (func (export "malloc") (param i32) (result i32) (i32.const 1024)))
