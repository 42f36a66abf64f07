//! A filter that counts responses, exactly, over all of the host's instances and
//! workers, and shows what state filters can share.
//!
//! Each response says how many there were in the header `x-count`. A timer
//! publishes that number as a metric, and logs it when it has changed.
//!
//! The configuration is the timer's period in milliseconds, as in `1000`.

mod total;

use std::time::Duration;

use log::{error, info, warn};
use proxy_wasm::hostcalls::{define_metric, increment_metric, record_metric};
use proxy_wasm::traits::{Context, HttpContext, RootContext};
use proxy_wasm::types::{Action, ContextType, LogLevel, MetricType, Status};

proxy_wasm::main! {{
    proxy_wasm::set_log_level(LogLevel::Info);
    proxy_wasm::set_root_context(|_| Box::new(Root::default()));
}}

#[derive(Default)]
struct Root {
    responses: u32, // the ids of metrics
    published: u32,
    seen: u64, // by the last tick
}

impl Context for Root {}

impl RootContext for Root {
    fn on_configure(&mut self, _size: usize) -> bool {
        match self.configure() {
            Ok(()) => true,
            Err(why) => {
                error!("reading the configuration: {why}");
                false
            }
        }
    }

    /// Publishes. The timer of each instance runs, so a number may be logged more
    /// than once.
    fn on_tick(&mut self) {
        if let Ok((Some(number), _)) = total::load() {
            if number != self.seen {
                self.seen = number;
                let _ = record_metric(self.published, number);
                info!("responses so far: {number}");
            }
        }
    }

    fn create_http_context(&self, _id: u32) -> Option<Box<dyn HttpContext>> {
        Some(Box::new(Stream {
            responses: self.responses,
        }))
    }

    fn get_type(&self) -> Option<ContextType> {
        Some(ContextType::HttpContext)
    }
}

impl Root {
    fn configure(&mut self) -> Result<(), String> {
        let text = self.get_plugin_configuration().unwrap_or_default();
        let period = match String::from_utf8_lossy(&text).parse::<u32>() {
            Ok(ms) if ms > 0 => Duration::from_millis(ms.into()),
            _ => return Err("give the timer's period in milliseconds, such as 1000".into()),
        };
        let failed = |status: Status| format!("the host answers {status:?}");
        total::begin().map_err(failed)?;
        self.responses = define_metric(MetricType::Counter, "example_responses_total").map_err(failed)?;
        self.published = define_metric(MetricType::Gauge, "example_published").map_err(failed)?;
        self.set_tick_period(period);
        Ok(())
    }
}

struct Stream {
    responses: u32,
}

impl Context for Stream {}

impl HttpContext for Stream {
    fn on_http_response_headers(&mut self, _count: usize, _end: bool) -> Action {
        match total::increment() {
            Ok(number) => {
                let _ = increment_metric(self.responses, 1);
                self.set_http_response_header("x-count", Some(&number.to_string()));
            }
            Err(status) => warn!("counting a response: {status:?}"),
        }
        Action::Continue
    }
}
