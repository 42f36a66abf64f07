// A proxy-wasm 0.2.1 filter in C++20 on the ABI itself, with the standard
// library and without exceptions: it sets headers on each request and on its
// response.
//
// The plugin's configuration has a line NAME=VALUE for each header, as in
// "x-edge=paris".

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#define IMPORT(name) extern "C" __attribute__((import_module("env"), import_name(#name)))
#define EXPORT(name) extern "C" __attribute__((export_name(#name)))

namespace abi {
// The numbers that the ABI gives to maps, buffers, levels and answers.
enum class Map : uint32_t { kRequestHeaders = 0, kResponseHeaders = 2 };
enum class Buffer : uint32_t { kPluginConfiguration = 7 };
enum class Level : uint32_t { kError = 4 };
enum class Status : uint32_t { kOk = 0 };
enum class Action : uint32_t { kContinue = 0 };

IMPORT(proxy_log) Status proxy_log(Level level, const char *text, size_t size);
IMPORT(proxy_get_buffer_bytes)
Status proxy_get_buffer_bytes(Buffer buffer, size_t start, size_t max, char **data, size_t *size);
IMPORT(proxy_replace_header_map_value)
Status proxy_replace_header_map_value(Map map, const char *name, size_t name_size, const char *value,
                                      size_t value_size);
} // namespace abi

namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

// Several plugins may share one instance of this module: each is a root context
// with a configuration of its own, and streams lead to that of their root.
// Shared ownership lets a stream outlive its root's configuration.
std::unordered_map<uint32_t, std::shared_ptr<const Headers>> contexts;

bool refuse(std::string_view why) {
  const auto text = "reading the configuration: " + std::string(why);
  abi::proxy_log(abi::Level::kError, text.data(), text.size());
  return false;
}

// What the host returns was allocated by proxy_on_memory_allocate and is ours.
std::string configuration(size_t size) {
  char *data = nullptr;
  if (size == 0 ||
      abi::proxy_get_buffer_bytes(abi::Buffer::kPluginConfiguration, 0, size, &data, &size) != abi::Status::kOk) {
    return {};
  }
  const std::unique_ptr<char, decltype(&std::free)> owner(data, std::free);
  return {data, size};
}

abi::Action set(abi::Map map, uint32_t id) {
  const auto found = contexts.find(id);
  if (found != contexts.end() && found->second != nullptr) {
    for (const auto &[name, value] : *found->second) {
      abi::proxy_replace_header_map_value(map, name.data(), name.size(), value.data(), value.size());
    }
  }
  return abi::Action::kContinue;
}

} // namespace

EXPORT(proxy_abi_version_0_2_1) void proxy_abi_version_0_2_1() {}

EXPORT(proxy_on_memory_allocate) void *proxy_on_memory_allocate(size_t size) { return std::malloc(size); }

// A root's parent is 0, which is nobody's id.
EXPORT(proxy_on_context_create) void proxy_on_context_create(uint32_t id, uint32_t parent) {
  const auto root = contexts.find(parent);
  contexts[id] = root == contexts.end() ? nullptr : root->second;
}

EXPORT(proxy_on_delete) void proxy_on_delete(uint32_t id) { contexts.erase(id); }

EXPORT(proxy_on_configure) bool proxy_on_configure(uint32_t id, size_t size) {
  const std::string text = configuration(size);
  Headers headers;
  for (std::string_view rest = text; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    if (line.empty()) {
      continue;
    }
    const size_t equals = line.find('=');
    if (equals == 0 || equals == std::string_view::npos) {
      return refuse("no header name before \"=\"; give NAME=VALUE");
    }
    headers.emplace_back(line.substr(0, equals), line.substr(equals + 1));
  }
  if (headers.empty()) {
    return refuse("it is empty; give NAME=VALUE");
  }
  contexts[id] = std::make_shared<const Headers>(std::move(headers));
  return true;
}

EXPORT(proxy_on_request_headers) abi::Action proxy_on_request_headers(uint32_t id, uint32_t, uint32_t) {
  return set(abi::Map::kRequestHeaders, id);
}

EXPORT(proxy_on_response_headers) abi::Action proxy_on_response_headers(uint32_t id, uint32_t, uint32_t) {
  return set(abi::Map::kResponseHeaders, id);
}
