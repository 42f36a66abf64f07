//! A filter that replaces a word in the bodies of responses, as they stream by.
//!
//! It keeps no more of a body than what may be the begin of the word: a word that is
//! cut by the end of one piece is found with the next. Only text is changed, and
//! only where it is plain (not compressed) and whole.
//!
//! The configuration is `OLD=NEW`, as in `colour=color`.

mod rule;

use std::rc::Rc;

use log::error;
use proxy_wasm::traits::{Context, HttpContext, RootContext};
use proxy_wasm::types::{Action, ContextType, LogLevel};

use rule::Rule;

proxy_wasm::main! {{
    proxy_wasm::set_log_level(LogLevel::Info);
    proxy_wasm::set_root_context(|_| Box::new(Root::default()));
}}

#[derive(Default)]
struct Root {
    rule: Rc<Rule>,
}

impl Context for Root {}

impl RootContext for Root {
    fn on_configure(&mut self, _size: usize) -> bool {
        match Rule::parse(&self.get_plugin_configuration().unwrap_or_default()) {
            Ok(rule) => {
                self.rule = Rc::new(rule);
                true
            }
            Err(why) => {
                error!("reading the configuration: {why}");
                false
            }
        }
    }

    fn create_http_context(&self, _id: u32) -> Option<Box<dyn HttpContext>> {
        Some(Box::new(Stream {
            rule: Rc::clone(&self.rule),
            rewrites: false,
            tail: Vec::new(),
        }))
    }

    fn get_type(&self) -> Option<ContextType> {
        Some(ContextType::HttpContext)
    }
}

struct Stream {
    rule: Rc<Rule>,
    rewrites: bool,
    /// Of the last piece, not sent yet: the begin of the old word.
    tail: Vec<u8>,
}

impl Context for Stream {}

impl HttpContext for Stream {
    fn on_http_response_headers(&mut self, _count: usize, _end: bool) -> Action {
        self.rewrites = self.is_changeable();
        if self.rewrites {
            // The new length is not known yet: the host frames the body anew.
            self.set_http_response_header("content-length", None);
        }
        Action::Continue
    }

    fn on_http_response_body(&mut self, size: usize, end: bool) -> Action {
        if !self.rewrites {
            return Action::Continue;
        }
        let mut text = std::mem::take(&mut self.tail);
        if size > 0 {
            // The last piece may be empty.
            text.extend(self.get_http_response_body(0, size).unwrap_or_default());
        }
        let (mut out, left) = self.rule.replace(&text);
        let rest = &text[text.len() - left..];
        if end {
            out.extend_from_slice(rest);
        } else {
            self.tail = rest.to_vec();
        }
        self.set_http_response_body(0, size, &out);
        Action::Continue
    }

    /// Comes in place of a last piece where trailers were not announced. What was
    /// kept cannot be sent any more, and is not lost silently: the head is on its
    /// way already, so that the client sees the connection close too early.
    fn on_http_response_trailers(&mut self, _count: usize) -> Action {
        if self.tail.is_empty() {
            return Action::Continue;
        }
        error!("the body ends with the begin of the word, and unannounced trailers follow");
        self.send_http_response(502, vec![], None);
        Action::Pause
    }
}

impl Stream {
    fn is_changeable(&self) -> bool {
        let has = |name| self.get_http_response_header_bytes(name).is_some();
        let is = |name, want: fn(&[u8]) -> bool| {
            let value = self.get_http_response_header_bytes(name);
            want(&value.unwrap_or_default())
        };
        is("content-type", |kind| kind.starts_with(b"text/"))
            && !has("content-encoding") // a compressed word does not show
            && !is(":status", |status| status == b"206") // a part begins and ends anywhere in a word
            && !has("trailer") // nothing can be added to a body once its trailers are there
    }
}
