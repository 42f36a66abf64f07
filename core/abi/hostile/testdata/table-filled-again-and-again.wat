;; Fills, copies and initialises a whole table in a loop.
;; Outcome: ended.
(module
  (table $t 65536 funcref)
  (elem $e funcref (ref.null func) (ref.null func))
  (memory (export "memory") 1)
  (func (export "proxy_abi_version_0_2_1"))
  (func (export "malloc") (param i32) (result i32) (i32.const 1024))
  (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
    (loop $again
      (table.fill $t (i32.const 0) (ref.null func) (i32.const 65536))
      (table.copy $t $t (i32.const 1) (i32.const 0) (i32.const 65535))
      (table.init $t $e (i32.const 0) (i32.const 0) (i32.const 2))
      (br $again))
    (i32.const 0)))
