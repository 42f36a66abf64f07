// A filter that sets headers on each request and on its response.
//
// The configuration has a line NAME=VALUE for each header, as in "x-edge=paris".

export * from "@gcoredev/proxy-wasm-sdk-as/assembly/proxy"; // the callbacks of the module
export { proxy_on_context_create, proxy_on_delete, proxy_on_done } from "../../lifecycle"; // in place of its own
import {
  Context,
  FilterHeadersStatusValues,
  log,
  LogLevelValues,
  registerRootContext,
  RootContext,
  stream_context,
} from "@gcoredev/proxy-wasm-sdk-as/assembly";

class Header {
  constructor(
    public name: string,
    public value: string,
  ) {}
}

// The filter as it is configured. It outlives the streams that it makes.
class Root extends RootContext {
  headers: Header[] = [];

  onConfigure(size: u32): bool {
    super.onConfigure(size); // reads the configuration
    const lines = this.getConfiguration().split("\n");
    const headers: Header[] = [];
    for (let i = 0; i < lines.length; i++) {
      const line = lines[i];
      if (line.length == 0) continue;
      const equals = line.indexOf("=");
      if (equals < 1) return refuse('no header name before "="; give NAME=VALUE');
      headers.push(new Header(line.substring(0, equals), line.substring(equals + 1)));
    }
    if (headers.length == 0) return refuse("it is empty; give NAME=VALUE");
    this.headers = headers;
    return true;
  }

  createContext(id: u32): Context {
    return new Stream(id, this);
  }
}

function refuse(why: string): bool {
  log(LogLevelValues.error, "reading the configuration: " + why);
  return false;
}

// One request and its response.
class Stream extends Context {
  private headers: Header[];

  constructor(id: u32, root: Root) {
    super(id, root);
    this.headers = root.headers;
  }

  onRequestHeaders(count: u32, end: bool): FilterHeadersStatusValues {
    for (let i = 0; i < this.headers.length; i++) {
      stream_context.headers.request.replace(this.headers[i].name, this.headers[i].value);
    }
    return FilterHeadersStatusValues.Continue;
  }

  onResponseHeaders(count: u32, end: bool): FilterHeadersStatusValues {
    for (let i = 0; i < this.headers.length; i++) {
      stream_context.headers.response.replace(this.headers[i].name, this.headers[i].value);
    }
    return FilterHeadersStatusValues.Continue;
  }
}

registerRootContext((id: u32) => new Root(id), "headers");
