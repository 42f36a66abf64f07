// A filter that asks a service whether a request may pass: an HTTP call, during
// which the request waits.
//
// The service learns of the request by the headers authorization,
// x-original-method and x-original-path. It answers 200 for yes, and one header of
// that answer goes on upstream. A 5xx, or no answer in time, is a 503 for the
// client, anything else a 403: nothing passes without a yes.

export * from "@gcoredev/proxy-wasm-sdk-as/assembly/proxy"; // the callbacks of the module
export { proxy_on_context_create, proxy_on_delete, proxy_on_done } from "../../lifecycle"; // in place of its own
import {
  BaseContext,
  Context,
  FilterHeadersStatusValues,
  log,
  LogLevelValues,
  makeHeaderPair,
  registerRootContext,
  RootContext,
  send_http_response,
  stream_context,
  WasmResultValues,
} from "@gcoredev/proxy-wasm-sdk-as/assembly";
import { Settings } from "./settings";

class Root extends RootContext {
  settings: Settings = new Settings();

  onConfigure(size: u32): bool {
    super.onConfigure(size); // reads the configuration
    const settings = new Settings();
    const why = settings.read(this.getConfiguration());
    if (why != "") {
      log(LogLevelValues.error, "reading the configuration: " + why);
      return false;
    }
    this.settings = settings;
    return true;
  }

  createContext(id: u32): Context {
    return new Stream(id, this);
  }
}

class Stream extends Context {
  settings: Settings;

  constructor(id: u32, root: Root) {
    super(id, root);
    this.settings = root.settings;
  }

  // Asks, and holds the request back until there is an answer.
  onRequestHeaders(count: u32, end: bool): FilterHeadersStatusValues {
    const settings = this.settings;
    const request = stream_context.headers.request;
    // Who the client is only the service says, never the client.
    request.remove(settings.header);
    const headers = [
      makeHeaderPair(":method", "GET"),
      makeHeaderPair(":path", settings.path),
      makeHeaderPair(":authority", settings.cluster),
      makeHeaderPair("x-original-method", request.get(":method")),
      makeHeaderPair("x-original-path", request.get(":path")),
    ];
    const authorization = request.get("authorization"); // "" where there is none
    if (authorization != "") headers.push(makeHeaderPair("authorization", authorization));
    const result = this.root_context.httpCall(
      settings.cluster, headers, new ArrayBuffer(0), [], settings.timeout, this,
      // There are no closures: the callback gets the context that it is given here.
      (origin: BaseContext, headers: u32, size: usize, trailers: u32): void => {
        (origin as Stream).answered(headers);
      },
    );
    if (result != WasmResultValues.Ok) {
      log(LogLevelValues.error, `asking ${settings.cluster}: the host answers ${result}`);
      unavailable();
    }
    return FilterHeadersStatusValues.StopIteration;
  }

  // Is called with the answer, unless the request has ended meanwhile.
  private answered(count: u32): void {
    // Hosts answer in the place of a service that does not, with 503 or 504, or
    // without a head.
    const answer = stream_context.headers.http_callback;
    const status = answer.get(":status");
    if (count == 0 || status.startsWith("5")) {
      unavailable();
    } else if (status == "200") {
      const value = answer.get(this.settings.header);
      if (value != "") stream_context.headers.request.replace(this.settings.header, value);
      this.continueRequest();
    } else {
      reply(403, "forbidden\n");
    }
  }
}

function unavailable(): void {
  reply(503, "authorization is not available\n");
}

function reply(status: u32, text: string): void {
  send_http_response(status, "", String.UTF8.encode(text), []);
}

registerRootContext((id: u32) => new Root(id), "auth-callout");
