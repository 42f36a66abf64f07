/// What is replaced by what.
#[derive(Default)]
pub struct Rule {
    pub from: Vec<u8>,
    pub to: Vec<u8>,
}

impl Rule {
    /// Reads `OLD=NEW`.
    pub fn parse(text: &[u8]) -> Result<Self, &'static str> {
        let text = text.strip_suffix(b"\n").unwrap_or(text);
        match text.iter().position(|&byte| byte == b'=') {
            Some(at) if at > 0 => Ok(Rule {
                from: text[..at].into(),
                to: text[at + 1..].into(),
            }),
            _ => Err("no word before \"=\"; give OLD=NEW"),
        }
    }

    /// Answers `text` with each old word replaced, and how many bytes at its end
    /// were left out because they may be the begin of one.
    pub fn replace(&self, text: &[u8]) -> (Vec<u8>, usize) {
        let mut out = Vec::with_capacity(text.len());
        let mut at = 0;
        while at < text.len() {
            let rest = &text[at..];
            if rest.starts_with(&self.from) {
                out.extend_from_slice(&self.to);
                at += self.from.len();
            } else if self.from.starts_with(rest) {
                return (out, rest.len());
            } else {
                out.push(rest[0]);
                at += 1;
            }
        }
        (out, 0)
    }
}
