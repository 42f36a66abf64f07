// A proxy-wasm 0.2.1 filter that computes for as long as a request asks: the
// header x-burn is the number of turns of a loop that calls nothing.

#include <stddef.h>
#include <stdint.h>

#define EXPORT(name) __attribute__((export_name(#name)))

enum { REQUEST_HEADERS = 0, STATUS_OK = 0, CONTINUE = 0 };

__attribute__((import_module("env"), import_name("proxy_get_header_map_value"))) extern uint32_t
proxy_get_header_map_value(uint32_t map, const char *name, size_t name_size, char **value, size_t *size);

EXPORT(proxy_abi_version_0_2_1) void proxy_abi_version_0_2_1(void) {}

// The one thing that the host hands over is the header's value, which is used
// before the next comes.
EXPORT(proxy_on_memory_allocate) void *proxy_on_memory_allocate(size_t size) {
  static char room[4096];
  return size <= sizeof room ? room : NULL;
}

EXPORT(proxy_on_request_headers) uint32_t proxy_on_request_headers(uint32_t id, uint32_t count, uint32_t end) {
  (void)id, (void)count, (void)end;
  static const char name[] = "x-burn";
  char *value = NULL;
  size_t size = 0;
  if (proxy_get_header_map_value(REQUEST_HEADERS, name, sizeof name - 1, &value, &size) != STATUS_OK) {
    return CONTINUE;
  }
  uint64_t turns = 0;
  for (size_t i = 0; i < size && value[i] >= '0' && value[i] <= '9'; i++) {
    turns = turns * 10 + (uint64_t)(value[i] - '0');
  }
  static volatile uint32_t result; // so that the loop has one, and stays
  uint32_t n = result;
  for (; turns > 0; turns--) {
    n = n * 1664525 + 1013904223;
    __asm__ volatile("" : "+r"(n));
  }
  result = n;
  return CONTINUE;
}
