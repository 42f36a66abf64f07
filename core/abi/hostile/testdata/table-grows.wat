;; Makes a table without a maximum longer, as far as it gets.
;; Outcome: ended.
(module
  (table $t 1 funcref)
  (memory (export "memory") 1)
  (func (export "proxy_abi_version_0_2_1"))
  (func (export "malloc") (param i32) (result i32) (i32.const 1024))
  (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
    (loop $again
      (drop (table.grow $t (ref.null func) (i32.const 1000)))
      (drop (table.grow $t (ref.null func) (i32.const 0x7fffffff)))
      (br $again))
    (i32.const 0)))
