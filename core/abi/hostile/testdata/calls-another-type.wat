;; Calls a function in its table as if it had another type.
;; Outcome: ended.
(module
  (type $other (func (param i64) (result i64)))
  (table 1 funcref)
  (elem (i32.const 0) $f)
  (memory (export "memory") 1)
  (func $f (param i32))
  (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
    (drop (call_indirect (type $other) (i64.const -1) (i32.const 0)))
    (i32.const 0))
  (func (export "proxy_abi_version_0_2_1"))
  (func (export "malloc") (param i32) (result i32) (i32.const 1024)))
