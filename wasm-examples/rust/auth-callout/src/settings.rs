use std::time::Duration;

/// The configuration: lines `KEY=VALUE`, all of them optional.
pub struct Settings {
    /// Whom to ask.
    pub cluster: String,
    /// With what path.
    pub path: String,
    /// Which header of the answer goes on upstream.
    pub header: String,
    /// For the answer; given in milliseconds.
    pub timeout: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            cluster: "auth".into(),
            path: "/auth".into(),
            header: "x-user".into(),
            timeout: Duration::from_secs(1),
        }
    }
}

impl Settings {
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut settings = Settings::default();
        for line in text.split('\n').filter(|line| !line.is_empty()) {
            let (key, value) = line.split_once('=').unwrap_or((line, ""));
            match key {
                "cluster" => settings.cluster = value.into(),
                "path" => settings.path = value.into(),
                "header" => settings.header = value.into(),
                "timeout" => settings.timeout = milliseconds(value)?,
                _ => {
                    return Err(format!(
                        "unknown key {key:?}; the keys are cluster, path, header and timeout"
                    ))
                }
            }
        }
        Ok(settings)
    }
}

fn milliseconds(text: &str) -> Result<Duration, String> {
    match text.parse::<u32>() {
        Ok(ms) if ms > 0 => Ok(Duration::from_millis(ms.into())),
        _ => Err("timeout: give milliseconds, such as 1000".into()),
    }
}
