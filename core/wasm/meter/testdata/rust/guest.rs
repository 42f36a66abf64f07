//! A guest for the benchmarks of the meter: work as filters do it. It does what
//! the Go guest's functions of the same names do.

use regex::Regex;
use sha2::{Digest, Sha256};

#[no_mangle]
pub extern "C" fn sha(n: i32) -> i32 {
    let sum = Sha256::digest(vec![0; n as usize]);
    i32::from(sum[0]) << 8 | i32::from(sum[1])
}

#[no_mangle]
pub extern "C" fn jsons(n: i32) -> i32 {
    let mut total = 0;
    for _ in 0..n {
        let v: serde_json::Value =
            serde_json::from_str(r#"{"a":[1,2,3],"b":"x","c":{"d":null,"e":[[[1]]]}}"#).unwrap();
        total += v.to_string().len();
    }
    total as i32
}

#[no_mangle]
pub extern "C" fn regexps(n: i32) -> i32 {
    let order = Regex::new(r"^/v[0-9]+/(users|orders)/([0-9a-f-]{8,36})(/items)?$").unwrap();
    let mut found = 0;
    for i in 0..n {
        let path = format!("/v2/orders/0123abcd-{i:04x}/items");
        if let Some(c) = order.captures(&path) {
            found += c[2].len();
        }
    }
    found as i32
}
