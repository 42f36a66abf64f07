;; The same without a loop or a constant: a thousand fills of 32 MiB in a row,
;; whose length comes from memory.
;; Outcome: ended.
(module
  (memory (export "memory") 512)
  (data (i32.const 4) "\00\00\00\02")
  (func (export "proxy_abi_version_0_2_1"))
  (func (export "malloc") (param i32) (result i32) (i32.const 1024))
  (func $fill (memory.fill (i32.const 0) (i32.const 0) (i32.sub (i32.const 0x2000000) (i32.load8_u (i32.const 0)))))
  (func $ten (call $fill) (call $fill) (call $fill) (call $fill) (call $fill) (call $fill) (call $fill) (call $fill) (call $fill) (call $fill))
  (func $hundred (call $ten) (call $ten) (call $ten) (call $ten) (call $ten) (call $ten) (call $ten) (call $ten) (call $ten) (call $ten))
  (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
    (call $hundred) (call $hundred) (call $hundred) (call $hundred) (call $hundred)
    (call $hundred) (call $hundred) (call $hundred) (call $hundred) (call $hundred)
    (i32.const 0)))
