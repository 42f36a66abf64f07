// The end of a filter. The SDK looks for the filter's own context, the root, among
// those of streams, does not find it there, and aborts; hosts log that as a failure.
// These callbacks stand in the place of the SDK's and know roots apart.

import * as sdk from "@gcoredev/proxy-wasm-sdk-as/assembly/exports";

const roots = new Set<u32>();

export function proxy_on_context_create(id: u32, parent: u32): void {
  if (parent == 0) roots.add(id);
  sdk.proxy_on_context_create(id, parent);
}

export function proxy_on_done(id: u32): u32 {
  return roots.has(id) ? 1 : sdk.proxy_on_done(id);
}

export function proxy_on_delete(id: u32): void {
  if (!roots.delete(id)) sdk.proxy_on_delete(id);
}
