// The configuration: lines KEY=VALUE, all of them optional.
export class Settings {
  cluster: string = "auth"; // whom to ask
  path: string = "/auth"; // with what path
  header: string = "x-user"; // which header of the answer goes on upstream
  timeout: u32 = 1000; // for the answer, in milliseconds

  // Takes what text says. Answers what is wrong with it, or "".
  read(text: string): string {
    const lines = text.split("\n");
    for (let i = 0; i < lines.length; i++) {
      const line = lines[i];
      if (line.length == 0) continue;
      const equals = line.indexOf("=");
      const key = equals < 0 ? line : line.substring(0, equals);
      const value = equals < 0 ? "" : line.substring(equals + 1);
      if (key == "cluster") {
        this.cluster = value;
      } else if (key == "path") {
        this.path = value;
      } else if (key == "header") {
        this.header = value;
      } else if (key == "timeout") {
        this.timeout = milliseconds(value);
        if (this.timeout == 0) return "timeout: give milliseconds, such as 1000";
      } else {
        return `unknown key "${key}"; the keys are cluster, path, header and timeout`;
      }
    }
    return "";
  }
}

// Answers 0, which is no time to wait, for what is not a number.
function milliseconds(text: string): u32 {
  const number = U32.parseInt(text);
  return number.toString() == text ? number : 0;
}
