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
        assert_eq!(after(""), all);
        for (name, _) in &all {
            assert_eq!(value(name.to_str().unwrap_or("?")), std::env::var_os(name));
        }
        assert_eq!(value("CARGO"), std::env::var_os("CARGO"));
        assert_eq!(value("CARGO_NO_SUCH_NAME"), None);
        let ours: Vec<_> =
            all.into_iter().filter(|(name, _)| name.as_bytes().starts_with(b"CARGO_")).collect();
        assert!(!ours.is_empty());
        let names = |(name, value): (OsString, OsString)| {
            (OsStr::from_bytes(&name.as_bytes()["CARGO_".len()..]).to_os_string(), value)
        };
        assert_eq!(after("CARGO_"), ours.into_iter().map(names).collect::<Vec<_>>());
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
