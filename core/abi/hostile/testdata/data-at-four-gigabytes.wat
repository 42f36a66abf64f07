;; Has data for the last bytes of 4 GiB, at an address that wraps around.
;; Outcome: refused.
(module
  (memory (export "memory") 1)
  (data (i32.const 0xfffffffc) "beyond the end")
  (func (export "proxy_abi_version_0_2_1"))
  (func (export "malloc") (param i32) (result i32) (i32.const 1024)))
