;; Three functions call each other in a ring, with no loop anywhere.
;; Outcome: ended.
(module
  (memory (export "memory") 1)
  (func (export "proxy_abi_version_0_2_1"))
  (func (export "malloc") (param i32) (result i32) (i32.const 1024))
  (func $one (param i32) (result i32) (i32.add (call $two (local.get 0)) (i32.const 1)))
  (func $two (param i32) (result i32) (i32.add (call $three (local.get 0)) (i32.const 1)))
  (func $three (param i32) (result i32) (i32.add (call $one (local.get 0)) (i32.const 1)))
  (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
    (call $one (i32.const 0))))
