;; Has functions for places behind the table's end, and calls one there. The
;; engine leaves such elements out, so that the call finds nothing.
;; Outcome: ended.
(module
  (table 1 funcref)
  (elem (i32.const 0xffffffff) $f $f)
  (memory (export "memory") 1)
  (func $f)
  (func (export "proxy_abi_version_0_2_1"))
  (func (export "malloc") (param i32) (result i32) (i32.const 1024))
  (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
    (call_indirect (i32.const 0xffffffff))
    (i32.const 0)))
