//! The environment's names that begin alike, without a copy of all the others: it is read at every
//! start, and most of it is of no use here.

use std::ffi::{CStr, OsStr, OsString, c_char};
use std::os::unix::ffi::OsStrExt as _;

unsafe extern "C" {
    /// NAME=VALUE texts, the last followed by a null pointer.
    static environ: *const *const c_char;
}

/// What follows the prefix in each name that begins with it, and its value, in their order.
pub fn after(prefix: &str) -> Vec<(OsString, OsString)> {
    let mut found = Vec::new();
    // SAFETY: the C library sets it before `main`; nothing here ever changes the environment.
    let mut at = unsafe { environ };
    // A program may be started without any.
    while !at.is_null() {
        // SAFETY: null ends the list, and no step goes beyond it.
        let text = unsafe { *at };
        if text.is_null() {
            break;
        }
        // SAFETY: every entry is a C string, and none is looked at beyond the first byte that differs,
        // which its end does.
        if prefix.bytes().enumerate().all(|(n, byte)| unsafe { *text.add(n) } as u8 == byte) {
            // SAFETY: it lives as long as the process.
            let text = unsafe { CStr::from_ptr(text) };
            found.extend(split(text.to_bytes(), prefix));
        }
        // SAFETY: this entry was not the last.
        at = unsafe { at.add(1) };
    }
    found
}

/// The value of one name.
pub fn value(name: &str) -> Option<OsString> {
    after(name).into_iter().find(|(rest, _)| rest.is_empty()).map(|(_, value)| value)
}

fn split(text: &[u8], prefix: &str) -> Option<(OsString, OsString)> {
    let rest = text.strip_prefix(prefix.as_bytes())?;
    let equals = memchr::memchr(b'=', rest)?;
    let owned = |bytes| OsStr::from_bytes(bytes).to_os_string();
    Some((owned(&rest[..equals]), owned(&rest[equals + 1..])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_the_prefix_is_what_std_says() {
        let all: Vec<_> = std::env::vars_os().collect();
        for name in all.iter().filter_map(|(name, _)| name.to_str()) {
            assert_eq!(value(name), std::env::var_os(name));
        }
        assert_eq!(value("NO_SUCH_NAME_HERE"), None);
        // Cargo gives a test some that begin alike; one that is started by hand has others, or none.
        for prefix in ["CARGO_", "P", "", "NO_SUCH_NAME_HERE"] {
            let rest = |(name, value): &(OsString, OsString)| {
                let rest = name.as_bytes().strip_prefix(prefix.as_bytes())?;
                Some((OsStr::from_bytes(rest).to_os_string(), value.clone()))
            };
            assert_eq!(after(prefix), all.iter().filter_map(rest).collect::<Vec<_>>(), "{prefix}");
        }
    }

    #[test]
    fn a_value_may_hold_anything() {
        let check = |text: &[u8], want: Option<(&[u8], &[u8])>| {
            let want = want.map(|(n, v)| (OsStr::from_bytes(n).into(), OsStr::from_bytes(v).into()));
            assert_eq!(split(text, "X_"), want);
        };
        check(b"X_a=b=c", Some((b"a", b"b=c")));
        check(b"X_=", Some((b"", b"")));
        check(b"X_\xff=\xfe", Some((b"\xff", b"\xfe")));
        check(b"X_a", None);
        check(b"Y=X_a=b", None);
        check(b"", None);
    }
}
