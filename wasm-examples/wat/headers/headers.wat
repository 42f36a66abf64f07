;; A proxy-wasm 0.2.1 filter in WebAssembly text: it sets headers on each request
;; and on its response.
;;
;; The plugin's configuration has a line NAME=VALUE for each header, as in
;; "x-edge=paris".
(module
  (import "env" "proxy_log"
    (func $log (param $level i32) (param $text i32) (param $size i32) (result i32)))
  (import "env" "proxy_get_buffer_bytes"
    (func $get_buffer (param $buffer i32) (param $start i32) (param $max i32)
                      (param $data i32) (param $size i32) (result i32)))
  (import "env" "proxy_replace_header_map_value"
    (func $replace (param $map i32) (param $name i32) (param $name_size i32)
                   (param $value i32) (param $value_size i32) (result i32)))

  ;; Memory: 0 the two answers of $get_buffer, 64 the texts, 4096 the buckets
  ;; of the table of contexts (1024 pointers), from 8192 on what is allocated.
  (memory (export "memory") 1)
  (data (i32.const 64) "reading the configuration: it is empty; give NAME=VALUE")
  (data (i32.const 128) "reading the configuration: no header name before \22=\22; give NAME=VALUE")
  (global $heap (mut i32) (i32.const 8192))
  (global $spare (mut i32) (i32.const 0))

  (func (export "proxy_abi_version_0_2_1"))

  ;; Memory is handed out and never taken back: the host asks for some only to
  ;; give us a configuration, and the contexts below reuse theirs.
  (func $allocate (export "proxy_on_memory_allocate") (param $size i32) (result i32)
    (local $start i32) (local $end i64) (local $room i64)
    (local.set $start (i32.and (i32.add (global.get $heap) (i32.const 7)) (i32.const -8)))
    (local.set $end (i64.add (i64.extend_i32_u (local.get $start)) (i64.extend_i32_u (local.get $size))))
    (local.set $room (i64.shl (i64.extend_i32_u (memory.size)) (i64.const 16)))
    (if (i64.gt_u (local.get $end) (i64.const 0xffffffff))
      (then (return (i32.const 0))))
    (if (i64.gt_u (local.get $end) (local.get $room))
      (then
        (if (i32.eq (i32.const -1)
              (memory.grow (i32.wrap_i64 (i64.shr_u
                (i64.add (i64.sub (local.get $end) (local.get $room)) (i64.const 65535))
                (i64.const 16)))))
          (then (return (i32.const 0))))))
    (global.set $heap (i32.wrap_i64 (local.get $end)))
    (local.get $start))

  ;; Several plugins may share one instance of this module: each is a root
  ;; context with a configuration of its own. A context, root or stream, is
  ;; {id, next, headers}, 12 bytes, in a bucket's list; a stream's has its root's
  ;; headers, a list of {next, name, name size, value, value size}, 20 bytes each.
  (func $bucket (param $id i32) (result i32)
    (i32.add (i32.const 4096)
      (i32.shl (i32.and (local.get $id) (i32.const 1023)) (i32.const 2))))

  (func $find (param $id i32) (result i32)
    (local $c i32)
    (local.set $c (i32.load (call $bucket (local.get $id))))
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $c)))
        (br_if $done (i32.eq (i32.load (local.get $c)) (local.get $id)))
        (local.set $c (i32.load offset=4 (local.get $c)))
        (br $next)))
    (local.get $c))

  (func (export "proxy_on_context_create") (param $id i32) (param $parent i32)
    (local $c i32) (local $root i32)
    (if (local.get $parent)
      (then (local.set $root (call $find (local.get $parent)))))
    (local.set $c (global.get $spare))
    (if (local.get $c)
      (then (global.set $spare (i32.load offset=4 (local.get $c))))
      (else
        (local.set $c (call $allocate (i32.const 12)))
        (if (i32.eqz (local.get $c)) (then (unreachable)))))
    (i32.store (local.get $c) (local.get $id))
    (i32.store offset=4 (local.get $c) (i32.load (call $bucket (local.get $id))))
    (i32.store (call $bucket (local.get $id)) (local.get $c))
    (i32.store offset=8 (local.get $c) (i32.const 0))
    (if (local.get $root)
      (then (i32.store offset=8 (local.get $c) (i32.load offset=8 (local.get $root))))))

  ;; $link is where the pointer to the context at hand is kept.
  (func (export "proxy_on_delete") (param $id i32)
    (local $link i32) (local $c i32)
    (local.set $link (call $bucket (local.get $id)))
    (loop $next
      (local.set $c (i32.load (local.get $link)))
      (if (i32.eqz (local.get $c)) (then (return)))
      (if (i32.eq (i32.load (local.get $c)) (local.get $id))
        (then
          (i32.store (local.get $link) (i32.load offset=4 (local.get $c)))
          (i32.store offset=4 (local.get $c) (global.get $spare))
          (global.set $spare (local.get $c))
          (return)))
      (local.set $link (i32.add (local.get $c) (i32.const 4)))
      (br $next)))

  ;; The address of the first byte $c, or $end.
  (func $seek (param $at i32) (param $end i32) (param $c i32) (result i32)
    (block $found
      (loop $next
        (br_if $found (i32.eq (local.get $at) (local.get $end)))
        (br_if $found (i32.eq (local.get $c) (i32.load8_u (local.get $at))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $next)))
    (local.get $at))

  ;; Makes the header of a line and writes its address to $link, where the list
  ;; has ended so far. Answers the new header, 0 if there can be none.
  (func $add (param $link i32) (param $line i32) (param $end i32) (result i32)
    (local $equals i32) (local $h i32)
    (local.set $equals (call $seek (local.get $line) (local.get $end) (i32.const 61))) ;; "="
    (if (i32.or (i32.eq (local.get $equals) (local.get $line)) (i32.eq (local.get $equals) (local.get $end)))
      (then
        (drop (call $log (i32.const 4) (i32.const 128) (i32.const 69)))
        (return (i32.const 0))))
    (local.set $h (call $allocate (i32.const 20)))
    (if (local.get $h)
      (then
        (i32.store (local.get $h) (i32.const 0))
        (i32.store offset=4 (local.get $h) (local.get $line))
        (i32.store offset=8 (local.get $h) (i32.sub (local.get $equals) (local.get $line)))
        (i32.store offset=12 (local.get $h) (i32.add (local.get $equals) (i32.const 1)))
        (i32.store offset=16 (local.get $h)
          (i32.sub (i32.sub (local.get $end) (local.get $equals)) (i32.const 1)))
        (i32.store (local.get $link) (local.get $h))))
    (local.get $h))

  ;; The configuration is buffer 7; level 4 of the log is "error". A header's
  ;; first field is the link to the next, so $link goes from one to the other.
  (func (export "proxy_on_configure") (param $id i32) (param $size i32) (result i32)
    (local $root i32) (local $link i32) (local $line i32) (local $end i32) (local $stop i32)
    (local.set $root (call $find (local.get $id)))
    (if (i32.eqz (local.get $root)) (then (return (i32.const 0))))
    (if (local.get $size)
      (then
        (if (call $get_buffer (i32.const 7) (i32.const 0) (local.get $size) (i32.const 0) (i32.const 4))
          (then (return (i32.const 0))))
        (local.set $line (i32.load (i32.const 0)))
        (local.set $stop (i32.add (local.get $line) (i32.load (i32.const 4))))))
    (local.set $link (i32.add (local.get $root) (i32.const 8)))
    (i32.store (local.get $link) (i32.const 0))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $line) (local.get $stop)))
        (local.set $end (call $seek (local.get $line) (local.get $stop) (i32.const 10))) ;; end of line
        (if (i32.ne (local.get $end) (local.get $line))
          (then
            (local.set $link (call $add (local.get $link) (local.get $line) (local.get $end)))
            (if (i32.eqz (local.get $link)) (then (return (i32.const 0))))))
        (local.set $line (i32.add (local.get $end) (i32.const 1)))
        (br $next)))
    (if (i32.load offset=8 (local.get $root)) (then (return (i32.const 1))))
    (drop (call $log (i32.const 4) (i32.const 64) (i32.const 55)))
    (i32.const 0))

  ;; Answers 0: continue.
  (func $set (param $map i32) (param $id i32) (result i32)
    (local $h i32)
    (local.set $h (call $find (local.get $id)))
    (if (local.get $h) (then (local.set $h (i32.load offset=8 (local.get $h)))))
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $h)))
        (drop (call $replace (local.get $map)
          (i32.load offset=4 (local.get $h)) (i32.load offset=8 (local.get $h))
          (i32.load offset=12 (local.get $h)) (i32.load offset=16 (local.get $h))))
        (local.set $h (i32.load (local.get $h)))
        (br $next)))
    (i32.const 0))

  (func (export "proxy_on_request_headers") (param $id i32) (param $count i32) (param $end i32) (result i32)
    (call $set (i32.const 0) (local.get $id)))

  (func (export "proxy_on_response_headers") (param $id i32) (param $count i32) (param $end i32) (result i32)
    (call $set (i32.const 2) (local.get $id))))
