;; Throws and catches: exceptions are a proposal that is not served.
;; Assembled with --enable-exceptions.
;; Outcome: refused.
(module
  (memory (export "memory") 1)
  (tag $e)
  (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
    (try (do (throw $e)) (catch_all))
    (i32.const 0))
  (func (export "proxy_abi_version_0_2_1"))
  (func (export "malloc") (param i32) (result i32) (i32.const 1024)))
