//! A filter of TCP connections: the first line that a client sends must be the one of
//! the configuration, which the upstream does not get. What says something else is
//! closed.

use std::rc::Rc;

use log::{error, warn};
use proxy_wasm::traits::{Context, RootContext, StreamContext};
use proxy_wasm::types::{Action, ContextType, LogLevel};

proxy_wasm::main! {{
    proxy_wasm::set_log_level(LogLevel::Info);
    proxy_wasm::set_root_context(|_| Box::new(Root::default()));
}}

#[derive(Default)]
struct Root {
    /// With its end.
    line: Rc<Vec<u8>>,
}

impl Context for Root {}

impl RootContext for Root {
    fn on_configure(&mut self, _size: usize) -> bool {
        let config = self.get_plugin_configuration().unwrap_or_default();
        let mut line = config.trim_ascii().to_vec();
        if line.is_empty() || line.iter().any(|byte| b"\r\n".contains(byte)) {
            error!("reading the configuration: give the one line that clients begin with");
            return false;
        }
        line.push(b'\n');
        self.line = Rc::new(line);
        true
    }

    fn create_stream_context(&self, _id: u32) -> Option<Box<dyn StreamContext>> {
        Some(Box::new(Connection {
            line: Rc::clone(&self.line),
            greeted: false,
        }))
    }

    fn get_type(&self) -> Option<ContextType> {
        Some(ContextType::StreamContext)
    }
}

struct Connection {
    line: Rc<Vec<u8>>,
    greeted: bool,
}

impl Context for Connection {}

impl StreamContext for Connection {
    /// Looks at the first line, once it is whole.
    fn on_downstream_data(&mut self, size: usize, end: bool) -> Action {
        if self.greeted {
            return Action::Continue;
        }
        let got = if size > 0 {
            self.get_downstream_data(0, size).unwrap_or_default()
        } else {
            Vec::new() // a client that ends without a word
        };
        if got.starts_with(&self.line) {
            self.greeted = true;
            self.set_downstream_data(0, self.line.len(), b"");
            return Action::Continue;
        }
        if self.line.starts_with(&got) && !end {
            return Action::Pause; // shown again, with what comes
        }
        warn!("closing a connection that does not begin with the greeting");
        self.close_downstream();
        Action::Pause
    }
}
