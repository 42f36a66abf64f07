;; Has an export whose name would forge and garble what is said of it: its code adds a
;; float to an integer.
;; Assembled with --no-check.
;; Outcome: refused.
(module
  (memory (export "memory") 1)
  (func (export "a\0a{\22level\22:\22INFO\22}\1b[31m\0d\0ab\e2\80\ae\e2\80\a8") (param i32 i32 i32) (result i32)
    (i32.add (f64.const 1) (i32.const 1)))
  (func (export "proxy_abi_version_0_2_1"))
  (func (export "malloc") (param i32) (result i32) (i32.const 1024)))
