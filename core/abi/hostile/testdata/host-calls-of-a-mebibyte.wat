;; Has the host copy a megabyte of memory in each of many calls: as a log line,
;; of which four kilobytes are kept, and as a map, which is none.
;; Outcome: ended.
(module
  (import "env" "proxy_log" (func $log (param i32 i32 i32) (result i32)))
  (import "env" "proxy_set_header_map_pairs" (func $set_map (param i32 i32 i32) (result i32)))
  (memory (export "memory") 32)
  (func (export "proxy_abi_version_0_2_1"))
  (func (export "malloc") (param i32) (result i32) (i32.const 1024))
  (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
    (loop $again
      (drop (call $log (i32.const 0) (i32.const 1024) (i32.const 0x100000)))
      (drop (call $set_map (i32.const 0) (i32.const 1024) (i32.const 0x100000)))
      (br $again))
    (i32.const 0)))
