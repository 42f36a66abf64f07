//! The number that all instances share.

use proxy_wasm::hostcalls::{get_shared_data, set_shared_data};
use proxy_wasm::types::Status;

/// Where the number is kept, in decimal digits.
const KEY: &str = "example/responses";

/// Bounds how often a change is tried while others change it too.
const ATTEMPTS: usize = 100;

/// Makes the number, if it is not there. A set cannot say "unless there is one", so
/// this is done while only one instance is configured: hosts try a configuration in
/// one before they use it in more.
pub fn begin() -> Result<(), Status> {
    match load()? {
        (Some(_), _) => Ok(()),
        (None, _) => set_shared_data(KEY, Some(b"0"), None),
    }
}

/// The number, and the mark by which it can be changed.
pub fn load() -> Result<(Option<u64>, Option<u32>), Status> {
    let (value, cas) = get_shared_data(KEY)?;
    let number = value
        .and_then(|digits| String::from_utf8(digits).ok())
        .and_then(|digits| digits.parse().ok());
    Ok((number, cas))
}

/// Adds one. Another instance may do so between our reading and writing; the mark
/// tells, and we begin anew.
pub fn increment() -> Result<u64, Status> {
    for _ in 0..ATTEMPTS {
        let (number, cas) = load()?;
        let next = number.ok_or(Status::NotFound)? + 1;
        match set_shared_data(KEY, Some(next.to_string().as_bytes()), cas) {
            Err(Status::CasMismatch) => continue,
            done => return done.map(|()| next),
        }
    }
    Err(Status::CasMismatch)
}
