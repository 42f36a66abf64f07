// A proxy-wasm 0.2.1 filter in plain C, without a C library: it sets headers on
// each request and on its response.
//
// The plugin's configuration has a line NAME=VALUE for each header, as in
// "x-edge=paris".

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IMPORT(name) __attribute__((import_module("env"), import_name(#name))) extern
#define EXPORT(name) __attribute__((export_name(#name)))

// The numbers that the ABI gives to maps, buffers, levels and answers.
enum { REQUEST_HEADERS = 0, RESPONSE_HEADERS = 2 };
enum { PLUGIN_CONFIGURATION = 7 };
enum { LOG_ERROR = 4 };
enum { STATUS_OK = 0 };
enum { CONTINUE = 0 };

IMPORT(proxy_log) uint32_t proxy_log(uint32_t level, const char *text, size_t size);
IMPORT(proxy_get_buffer_bytes)
uint32_t proxy_get_buffer_bytes(uint32_t buffer, size_t start, size_t max, char **data, size_t *size);
IMPORT(proxy_replace_header_map_value)
uint32_t proxy_replace_header_map_value(uint32_t map, const char *name, size_t name_size, const char *value,
                                        size_t value_size);

EXPORT(proxy_abi_version_0_2_1) void proxy_abi_version_0_2_1(void) {}

// Memory is handed out and never taken back: the host asks for some only to
// give us a configuration, and the contexts below reuse theirs.

extern char __heap_base;
static uintptr_t heap_end;

EXPORT(proxy_on_memory_allocate) void *proxy_on_memory_allocate(size_t size) {
  if (heap_end == 0) {
    heap_end = (uintptr_t)&__heap_base;
  }
  uintptr_t start = (heap_end + 7) & ~(uintptr_t)7;
  uintptr_t room = __builtin_wasm_memory_size(0) * 65536;
  if (size > UINT32_MAX - start) {
    return NULL;
  }
  if (start + size > room) {
    size_t pages = (start + size - room + 65535) / 65536;
    if (__builtin_wasm_memory_grow(0, pages) == SIZE_MAX) {
      return NULL;
    }
  }
  heap_end = start + size;
  return (void *)start;
}

// Several plugins may share one instance of this module: each is a root
// context with a configuration of its own. So each context, root or stream,
// leads to the headers that are to be set.

struct header {
  const char *name, *value;
  size_t name_size, value_size;
  struct header *next;
};

struct context {
  uint32_t id;
  struct header *headers;
  struct context *next;
};

enum { BUCKETS = 1024 };
static struct context *buckets[BUCKETS];
static struct context *spare;

static struct context *find(uint32_t id) {
  struct context *c = buckets[id % BUCKETS];
  while (c != NULL && c->id != id) {
    c = c->next;
  }
  return c;
}

EXPORT(proxy_on_context_create) void proxy_on_context_create(uint32_t id, uint32_t parent) {
  struct context *root = parent == 0 ? NULL : find(parent);
  struct context *c = spare;
  if (c != NULL) {
    spare = c->next;
  } else if ((c = proxy_on_memory_allocate(sizeof *c)) == NULL) {
    __builtin_trap();
  }
  c->id = id;
  c->headers = root == NULL ? NULL : root->headers;
  c->next = buckets[id % BUCKETS];
  buckets[id % BUCKETS] = c;
}

EXPORT(proxy_on_delete) void proxy_on_delete(uint32_t id) {
  for (struct context **link = &buckets[id % BUCKETS]; *link != NULL; link = &(*link)->next) {
    struct context *c = *link;
    if (c->id == id) {
      *link = c->next;
      c->next = spare;
      spare = c;
      return;
    }
  }
}

static bool refuse(const char *text, size_t size) {
  proxy_log(LOG_ERROR, text, size);
  return false;
}
#define REFUSE(text) refuse(text, sizeof(text) - 1)

// add_line appends the header of one line of the configuration.
static bool add_line(struct context *root, const char *line, size_t size) {
  size_t name = 0;
  while (name < size && line[name] != '=') {
    name++;
  }
  if (name == 0 || name == size) {
    return REFUSE("reading the configuration: no header name before \"=\"; give NAME=VALUE");
  }
  struct header *header = proxy_on_memory_allocate(sizeof *header);
  if (header == NULL) {
    return REFUSE("reading the configuration: no memory for it");
  }
  *header = (struct header){line, line + name + 1, name, size - name - 1, NULL};
  struct header **end = &root->headers;
  while (*end != NULL) {
    end = &(*end)->next;
  }
  *end = header;
  return true;
}

EXPORT(proxy_on_configure) bool proxy_on_configure(uint32_t id, size_t size) {
  struct context *root = find(id);
  if (root == NULL) {
    return false;
  }
  char *text = NULL;
  if (size > 0 && proxy_get_buffer_bytes(PLUGIN_CONFIGURATION, 0, size, &text, &size) != STATUS_OK) {
    return REFUSE("reading the configuration: the host does not give it");
  }
  root->headers = NULL;
  for (size_t start = 0; start < size;) {
    size_t end = start;
    while (end < size && text[end] != '\n') {
      end++;
    }
    if (end > start && !add_line(root, text + start, end - start)) {
      return false;
    }
    start = end + 1;
  }
  return root->headers != NULL || REFUSE("reading the configuration: it is empty; give NAME=VALUE");
}

static uint32_t set(uint32_t map, uint32_t id) {
  struct context *c = find(id);
  for (struct header *h = c == NULL ? NULL : c->headers; h != NULL; h = h->next) {
    proxy_replace_header_map_value(map, h->name, h->name_size, h->value, h->value_size);
  }
  return CONTINUE;
}

EXPORT(proxy_on_request_headers) uint32_t proxy_on_request_headers(uint32_t id, uint32_t count, uint32_t end) {
  return set(REQUEST_HEADERS, id);
}

EXPORT(proxy_on_response_headers) uint32_t proxy_on_response_headers(uint32_t id, uint32_t count, uint32_t end) {
  return set(RESPONSE_HEADERS, id);
}
