//! A proxy-wasm 0.2.1 filter in Zig on the ABI itself: it sets headers on each
//! request and on its response.
//!
//! The plugin's configuration has a line NAME=VALUE for each header, as in
//! "x-edge=paris".

const std = @import("std");
const allocator = std.heap.wasm_allocator;

// The numbers that the ABI gives to maps, buffers, levels, answers and actions.
const Map = enum(u32) { request_headers = 0, response_headers = 2 };
const Buffer = enum(u32) { plugin_configuration = 7 };
const Level = enum(u32) { err = 4 };
const Status = enum(u32) { ok = 0, _ };
const Action = enum(u32) { @"continue" = 0 };

extern "env" fn proxy_log(level: Level, text: [*]const u8, size: usize) Status;
extern "env" fn proxy_get_buffer_bytes(buffer: Buffer, start: usize, max: usize, data: *[*]u8, size: *usize) Status;
extern "env" fn proxy_replace_header_map_value(
    map: Map,
    name: [*]const u8,
    name_size: usize,
    value: [*]const u8,
    value_size: usize,
) Status;

const Header = struct { name: []const u8, value: []const u8 };

/// Several plugins may share one instance of this module: each is a root
/// context with a configuration of its own, and streams have that of their root.
/// Configurations are kept for good, so that streams may use them to their end.
var contexts: std.AutoArrayHashMapUnmanaged(u32, []const Header) = .empty;

export fn proxy_abi_version_0_2_1() void {}

/// The host writes what it returns into memory that it gets here; it is then
/// ours, as a slice of exactly that size.
export fn proxy_on_memory_allocate(size: usize) ?[*]u8 {
    const bytes = allocator.alloc(u8, size) catch return null;
    return bytes.ptr;
}

/// A root's parent is 0, which is nobody's id.
export fn proxy_on_context_create(id: u32, parent: u32) void {
    contexts.put(allocator, id, contexts.get(parent) orelse &.{}) catch @trap();
}

export fn proxy_on_delete(id: u32) void {
    _ = contexts.swapRemove(id);
}

export fn proxy_on_configure(id: u32, size: usize) bool {
    const headers = read(size) catch |err| {
        const why = switch (err) {
            error.Empty => "reading the configuration: it is empty; give NAME=VALUE",
            error.NoName => "reading the configuration: no header name before \"=\"; give NAME=VALUE",
            error.OutOfMemory => "reading the configuration: no memory for it",
            error.Host => "reading the configuration: the host does not give it",
        };
        _ = proxy_log(.err, why.ptr, why.len);
        return false;
    };
    contexts.put(allocator, id, headers) catch @trap();
    return true;
}

fn read(size: usize) error{ Empty, NoName, OutOfMemory, Host }![]const Header {
    if (size == 0) return error.Empty;
    var text: []u8 = undefined;
    if (proxy_get_buffer_bytes(.plugin_configuration, 0, size, &text.ptr, &text.len) != .ok) return error.Host;
    var headers: std.ArrayListUnmanaged(Header) = .empty;
    var lines = std.mem.tokenizeScalar(u8, text, '\n');
    while (lines.next()) |line| {
        const equals = std.mem.indexOfScalar(u8, line, '=') orelse return error.NoName;
        if (equals == 0) return error.NoName;
        try headers.append(allocator, .{ .name = line[0..equals], .value = line[equals + 1 ..] });
    }
    if (headers.items.len == 0) return error.Empty;
    return headers.items;
}

export fn proxy_on_request_headers(id: u32, _: u32, _: u32) Action {
    return set(.request_headers, id);
}

export fn proxy_on_response_headers(id: u32, _: u32, _: u32) Action {
    return set(.response_headers, id);
}

/// What the host answers is not looked at: there is nothing to do instead.
fn set(map: Map, id: u32) Action {
    for (contexts.get(id) orelse &.{}) |h| {
        _ = proxy_replace_header_map_value(map, h.name.ptr, h.name.len, h.value.ptr, h.value.len);
    }
    return .@"continue";
}
