// The number that all instances share.

import { get_shared_data, set_shared_data, WasmResultValues } from "@gcoredev/proxy-wasm-sdk-as/assembly";

// Where the number is kept, in decimal digits.
const KEY = "example/responses";

// Bounds how often a change is tried while others change it too.
const ATTEMPTS = 100;

// Makes the number, if it is not there. A set cannot say "unless there is one", so
// this is done while only one instance is configured: hosts try a configuration in
// one before they use it in more.
export function begin(): bool {
  if (get_shared_data(KEY).result != WasmResultValues.NotFound) return true;
  return set_shared_data(KEY, String.UTF8.encode("0")) == WasmResultValues.Ok;
}

class Total {
  constructor(
    public known: bool,
    public number: u64,
    public cas: u32, // the mark by which it can be changed
  ) {}
}

export function load(): Total {
  const data = get_shared_data(KEY);
  const value = data.value;
  if (data.result != WasmResultValues.Ok || value == null) return new Total(false, 0, 0);
  return new Total(true, U64.parseInt(String.UTF8.decode(value)), data.cas);
}

// Adds one, and answers the sum, or 0 when that fails. Another instance may add one
// between our reading and writing; the mark tells, and we begin anew.
export function increment(): u64 {
  for (let i = 0; i < ATTEMPTS; i++) {
    const total = load();
    if (!total.known) return 0;
    const next = total.number + 1;
    const result = set_shared_data(KEY, String.UTF8.encode(next.toString()), total.cas);
    if (result == WasmResultValues.Ok) return next;
    if (result != WasmResultValues.CasMismatch) return 0;
  }
  return 0;
}
