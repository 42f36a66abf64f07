;; Wants a memory that threads share, and waits in it for a word that nobody
;; writes.
;; Assembled with --enable-threads.
;; Outcome: refused.
(module
  (memory (export "memory") 1 1 shared)
  (func (export "proxy_abi_version_0_2_1"))
  (func (export "malloc") (param i32) (result i32) (i32.const 1024))
  (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
    (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1))))
