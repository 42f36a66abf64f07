// A filter that replaces a word in the bodies of responses, as they stream by.
//
// It keeps no more of a body than what may be the begin of the word: a word that is
// cut by the end of one piece is found with the next. Only text is changed, and
// only where it is plain (not compressed) and whole.
//
// The configuration is OLD=NEW, as in "colour=color".

export * from "@gcoredev/proxy-wasm-sdk-as/assembly/proxy"; // the callbacks of the module
export { proxy_on_context_create, proxy_on_delete, proxy_on_done } from "../../lifecycle"; // in place of its own
import {
  BufferTypeValues,
  Context,
  FilterDataStatusValues,
  FilterHeadersStatusValues,
  FilterTrailersStatusValues,
  get_buffer_bytes,
  log,
  LogLevelValues,
  registerRootContext,
  RootContext,
  send_http_response,
  set_buffer_bytes,
  stream_context,
} from "@gcoredev/proxy-wasm-sdk-as/assembly";
import { Bytes, Rule } from "./rule";

class Root extends RootContext {
  rule: Rule | null = null;

  onConfigure(size: u32): bool {
    super.onConfigure(size); // reads the configuration
    const rule = Rule.parse(this.getConfiguration());
    if (rule == null) {
      log(LogLevelValues.error, 'reading the configuration: no word before "="; give OLD=NEW');
      return false;
    }
    this.rule = rule;
    return true;
  }

  createContext(id: u32): Context {
    return new Stream(id, this);
  }
}

const nothing = new Uint8Array(0);

class Stream extends Context {
  private rule: Rule;
  private rewrites: bool = false;
  private tail: Uint8Array = nothing; // of the last piece, not sent yet: the begin of the old word

  constructor(id: u32, root: Root) {
    super(id, root);
    this.rule = root.rule!;
  }

  onResponseHeaders(count: u32, end: bool): FilterHeadersStatusValues {
    this.rewrites = isChangeable();
    if (this.rewrites) {
      // The new length is not known yet: the host frames the body anew.
      stream_context.headers.response.remove("content-length");
    }
    return FilterHeadersStatusValues.Continue;
  }

  onResponseBody(size: usize, end: bool): FilterDataStatusValues {
    if (!this.rewrites) return FilterDataStatusValues.Continue;
    let text = this.tail;
    if (size > 0) {
      // The last piece may be empty.
      const piece = Uint8Array.wrap(get_buffer_bytes(BufferTypeValues.HttpResponseBody, 0, <u32>size));
      text = this.tail.length > 0 ? joined(this.tail, piece) : piece;
    }
    const out = new Bytes(new ArrayBuffer(text.length));
    const rest = text.length - this.rule.replace(text, out);
    if (end) out.append(text, rest, text.length);
    this.tail = end ? nothing : text.slice(rest); // a copy: the piece is let go
    set_buffer_bytes(BufferTypeValues.HttpResponseBody, 0, <u32>size, out.all());
    return FilterDataStatusValues.Continue;
  }

  // Comes in place of a last piece where trailers were not announced. What was kept
  // cannot be sent any more, and is not lost silently: the head is on its way
  // already, so that the client sees the connection close too early.
  onResponseTrailers(count: u32): FilterTrailersStatusValues {
    if (this.tail.length == 0) return FilterTrailersStatusValues.Continue;
    log(LogLevelValues.error, "the body ends with the begin of the word, and unannounced trailers follow");
    send_http_response(502, "", new ArrayBuffer(0), []);
    return FilterTrailersStatusValues.StopIteration;
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

function isChangeable(): bool {
  const headers = stream_context.headers.response;
  return (
    headers.get("content-type").startsWith("text/") &&
    headers.get("content-encoding") == "" && // a compressed word does not show
    headers.get(":status") != "206" && // a part begins and ends anywhere in a word
    headers.get("trailer") == "" // nothing can be added to a body once its trailers are there
  );
}

registerRootContext((id: u32) => new Root(id), "body");
