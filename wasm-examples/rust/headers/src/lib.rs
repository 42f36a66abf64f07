//! A filter that sets headers on each request and on its response.
//!
//! The configuration has a line `NAME=VALUE` for each header, as in
//! `x-edge=paris`.

use std::rc::Rc;

use log::error;
use proxy_wasm::traits::{Context, HttpContext, RootContext};
use proxy_wasm::types::{Action, ContextType, LogLevel};

proxy_wasm::main! {{
    proxy_wasm::set_log_level(LogLevel::Info);
    proxy_wasm::set_root_context(|_| Box::new(Root::default()));
}}

type Headers = Vec<(String, String)>;

fn parse(text: &str) -> Result<Headers, &'static str> {
    let mut headers = Headers::new();
    for line in text.split('\n').filter(|line| !line.is_empty()) {
        match line.split_once('=') {
            Some((name, value)) if !name.is_empty() => headers.push((name.into(), value.into())),
            _ => return Err("no header name before \"=\"; give NAME=VALUE"),
        }
    }
    if headers.is_empty() {
        return Err("it is empty; give NAME=VALUE");
    }
    Ok(headers)
}

/// The filter as it is configured. It outlives the streams that it makes.
#[derive(Default)]
struct Root {
    headers: Rc<Headers>,
}

impl Context for Root {}

impl RootContext for Root {
    fn on_configure(&mut self, _size: usize) -> bool {
        let text = self.get_plugin_configuration().unwrap_or_default();
        match parse(&String::from_utf8_lossy(&text)) {
            Ok(headers) => {
                self.headers = Rc::new(headers);
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
            headers: Rc::clone(&self.headers),
        }))
    }

    fn get_type(&self) -> Option<ContextType> {
        Some(ContextType::HttpContext)
    }
}

/// One request and its response.
struct Stream {
    headers: Rc<Headers>,
}

impl Context for Stream {}

impl HttpContext for Stream {
    fn on_http_request_headers(&mut self, _count: usize, _end: bool) -> Action {
        for (name, value) in self.headers.iter() {
            self.set_http_request_header(name, Some(value));
        }
        Action::Continue
    }

    fn on_http_response_headers(&mut self, _count: usize, _end: bool) -> Action {
        for (name, value) in self.headers.iter() {
            self.set_http_response_header(name, Some(value));
        }
        Action::Continue
    }
}
