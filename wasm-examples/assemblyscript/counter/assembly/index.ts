// A filter that counts responses, exactly, over all of the host's instances and
// workers, and shows what state filters can share.
//
// Each response says how many there were in the header x-count. A timer publishes
// that number as a metric, and logs it when it has changed.
//
// The configuration is the timer's period in milliseconds, as in "1000".

export * from "@gcoredev/proxy-wasm-sdk-as/assembly/proxy"; // the callbacks of the module
export { proxy_on_context_create, proxy_on_delete, proxy_on_done } from "../../lifecycle"; // in place of its own
import {
  Context,
  Counter,
  FilterHeadersStatusValues,
  Gauge,
  log,
  LogLevelValues,
  registerRootContext,
  RootContext,
  set_tick_period_milliseconds,
  stream_context,
} from "@gcoredev/proxy-wasm-sdk-as/assembly";
import { begin, increment, load } from "./total";

class Root extends RootContext {
  responses: Counter = new Counter("example_responses_total");
  private published: Gauge = new Gauge("example_published");
  private seen: u64 = 0; // by the last tick

  onConfigure(size: u32): bool {
    super.onConfigure(size); // reads the configuration
    const text = this.getConfiguration();
    const period = U32.parseInt(text);
    if (period == 0 || period.toString() != text) {
      return refuse("give the timer's period in milliseconds, such as 1000");
    }
    if (!begin()) return refuse("the host has no room for the number");
    set_tick_period_milliseconds(period);
    return true;
  }

  // Publishes. The timer of each instance runs, so a number may be logged more than
  // once.
  onTick(): void {
    const total = load();
    if (!total.known || total.number == this.seen) return;
    this.seen = total.number;
    this.published.record(this.published.metric_id, total.number);
    log(LogLevelValues.info, `responses so far: ${total.number}`);
  }

  createContext(id: u32): Context {
    return new Stream(id, this);
  }
}

function refuse(why: string): bool {
  log(LogLevelValues.error, "reading the configuration: " + why);
  return false;
}

class Stream extends Context {
  private responses: Counter;

  constructor(id: u32, root: Root) {
    super(id, root);
    this.responses = root.responses;
  }

  onResponseHeaders(count: u32, end: bool): FilterHeadersStatusValues {
    const number = increment();
    if (number == 0) {
      log(LogLevelValues.warn, "counting a response: the shared number cannot be changed");
      return FilterHeadersStatusValues.Continue;
    }
    this.responses.increment(1);
    stream_context.headers.response.replace("x-count", number.toString());
    return FilterHeadersStatusValues.Continue;
  }
}

registerRootContext((id: u32) => new Root(id), "counter");
