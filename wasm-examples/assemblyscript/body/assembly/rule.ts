// What is replaced by what, in bytes: a body is not cut at characters.
export class Rule {
  constructor(
    private from: Uint8Array,
    private to: Uint8Array,
  ) {}

  // Reads OLD=NEW; null if it is not that.
  static parse(text: string): Rule | null {
    const line = text.endsWith("\n") ? text.substring(0, text.length - 1) : text;
    const equals = line.indexOf("=");
    if (equals < 1) return null;
    return new Rule(bytes(line.substring(0, equals)), bytes(line.substring(equals + 1)));
  }

  // Appends text to out, each old word replaced. Answers how many bytes at the end
  // of text were left out because they may be the begin of one.
  replace(text: Uint8Array, out: Bytes): i32 {
    const first = this.from[0];
    let copied = 0;
    for (let at = 0; at < text.length; at++) {
      if (text[at] != first) continue;
      const same = this.matching(text, at);
      if (same == this.from.length) {
        out.append(text, copied, at);
        out.append(this.to, 0, this.to.length);
        copied = at + same;
        at = copied - 1;
      } else if (at + same == text.length) {
        out.append(text, copied, at);
        return same;
      }
    }
    out.append(text, copied, text.length);
    return 0;
  }

  // How many bytes from at on are those of the old word's begin.
  private matching(text: Uint8Array, at: i32): i32 {
    const most = min(this.from.length, text.length - at);
    let same = 1;
    while (same < most && text[at + same] == this.from[same]) same++;
    return same;
  }
}

function bytes(text: string): Uint8Array {
  return Uint8Array.wrap(String.UTF8.encode(text));
}

// Bytes that grow at the end.
export class Bytes {
  private used: i32 = 0;

  constructor(private room: ArrayBuffer) {}

  // Takes the bytes of more from start to end.
  append(more: Uint8Array, start: i32, end: i32): void {
    const size = end - start;
    if (this.used + size > this.room.byteLength) {
      const larger = new ArrayBuffer(2 * this.room.byteLength + size);
      memory.copy(changetype<usize>(larger), changetype<usize>(this.room), this.used);
      this.room = larger;
    }
    memory.copy(changetype<usize>(this.room) + this.used, more.dataStart + start, size);
    this.used += size;
  }

  all(): ArrayBuffer {
    return this.used == this.room.byteLength ? this.room : this.room.slice(0, this.used);
  }
}
