//! A filter that asks a service whether a request may pass: an HTTP call, during
//! which the request waits.
//!
//! The service learns of the request by the headers `authorization`,
//! `x-original-method` and `x-original-path`. It answers 200 for yes, and one header
//! of that answer goes on upstream. A 5xx, or no answer in time, is a 503 for the
//! client, anything else a 403: nothing passes without a yes.

mod settings;

use std::rc::Rc;

use log::error;
use proxy_wasm::traits::{Context, HttpContext, RootContext};
use proxy_wasm::types::{Action, ContextType, LogLevel};

use settings::Settings;

proxy_wasm::main! {{
    proxy_wasm::set_log_level(LogLevel::Info);
    proxy_wasm::set_root_context(|_| Box::new(Root::default()));
}}

#[derive(Default)]
struct Root {
    settings: Rc<Settings>,
}

impl Context for Root {}

impl RootContext for Root {
    fn on_configure(&mut self, _size: usize) -> bool {
        let text = self.get_plugin_configuration().unwrap_or_default();
        match Settings::parse(&String::from_utf8_lossy(&text)) {
            Ok(settings) => {
                self.settings = Rc::new(settings);
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
            settings: Rc::clone(&self.settings),
        }))
    }

    fn get_type(&self) -> Option<ContextType> {
        Some(ContextType::HttpContext)
    }
}

struct Stream {
    settings: Rc<Settings>,
}

impl HttpContext for Stream {
    /// Asks, and holds the request back until there is an answer.
    fn on_http_request_headers(&mut self, _count: usize, _end: bool) -> Action {
        let settings = &self.settings;
        // Who the client is only the service says, never the client.
        self.set_http_request_header(&settings.header, None);
        // The bytes of a header need not be UTF-8. What is not, no credential can be.
        let text = |name| {
            let value = self.get_http_request_header_bytes(name)?;
            String::from_utf8(value).ok()
        };
        let method = text(":method").unwrap_or_default();
        let path = text(":path").unwrap_or_default();
        let authorization = text("authorization");
        let mut headers = vec![
            (":method", "GET"),
            (":path", settings.path.as_str()),
            (":authority", settings.cluster.as_str()),
            ("x-original-method", &method),
            ("x-original-path", &path),
        ];
        headers.extend(authorization.as_deref().map(|value| ("authorization", value)));
        if let Err(status) =
            self.dispatch_http_call(&settings.cluster, headers, None, vec![], settings.timeout)
        {
            error!("asking {}: {status:?}", settings.cluster);
            self.unavailable();
        }
        Action::Pause
    }
}

impl Context for Stream {
    /// Is called with the answer, unless the request has ended meanwhile.
    fn on_http_call_response(&mut self, _call: u32, _headers: usize, _body: usize, _trailers: usize) {
        // Hosts answer in the place of a service that does not, with 503 or 504,
        // or without a head.
        let status = self.get_http_call_response_header(":status");
        match status.and_then(|text| text.parse::<u16>().ok()) {
            Some(200) => {
                let header = &self.settings.header;
                if let Some(value) = self.get_http_call_response_header_bytes(header) {
                    self.set_http_request_header_bytes(header, Some(&value));
                }
                self.resume_http_request();
            }
            Some(status) if status < 500 => self.send_http_response(403, vec![], Some(b"forbidden\n")),
            _ => self.unavailable(),
        }
    }
}

impl Stream {
    fn unavailable(&self) {
        self.send_http_response(503, vec![], Some(b"authorization is not available\n"));
    }
}
