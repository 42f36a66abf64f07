;; Writes a passive segment over and over, drops it, and writes it once more.
;; Outcome: ended.
(module
  (memory (export "memory") 1)
  (data $d "................................................................")
  (func (export "proxy_abi_version_0_2_1"))
  (func (export "malloc") (param i32) (result i32) (i32.const 1024))
  (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
    (local $n i32)
    (loop $again
      (memory.init $d (i32.const 0) (i32.const 0) (i32.const 64))
      (br_if $again (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 1000))))
    (data.drop $d)
    (memory.init $d (i32.const 0) (i32.const 0) (i32.const 64))
    (i32.const 0)))
