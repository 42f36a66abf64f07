;; Reads behind the end of its memory, with an address and an offset that wrap around
;; when they are added in 32 bits.
;; Outcome: ended.
(module
  (memory (export "memory") 1)
  (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
    (i32.load offset=0xfffffffc (i32.const 0xfffffffc)))
  (func (export "proxy_abi_version_0_2_1"))
  (func (export "malloc") (param i32) (result i32) (i32.const 1024)))
