;; Fills all its memory in one instruction, copies it in another, and again.
;; Outcome: ended.
(module
  (memory (export "memory") 512)
  (func (export "proxy_abi_version_0_2_1"))
  (func (export "malloc") (param i32) (result i32) (i32.const 1024))
  (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
    (loop $again
      (memory.fill (i32.const 0) (i32.const 7) (i32.const 0x2000000))
      (memory.copy (i32.const 1) (i32.const 0) (i32.const 0x1ffffff))
      (br $again))
    (i32.const 0)))
