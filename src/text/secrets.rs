//! What is never shown: the values of `--secret`, in whatever form they would come out.
//!
//! The secrets of a process are given once, before anything is shown. Every writer of output, reports and history passes
//! its text through [`hide`], which puts `[secret NAME]` in the place of each form of a value: as it is, escaped, in JSON
//! and XML, in percent signs, in hex with and without separators, in base64 wherever it stands in what was encoded; also
//! where a line end or a colour stands within it. [`hide_bytes`] is for what is drawn byte by byte: a hexdump; [`part`] and
//! [`first`] for what is shown in part, where an end may cut a secret so that [`hide`] no longer knows it.
//!
//! It cannot know what a script makes of a value: one that is reversed, encrypted or printed in halves on two lines with
//! other text between is shown.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use regex::Regex;

use crate::text::literal;

/// A shorter value stands in too much that is no secret, and hiding it would tell where.
pub const SHORTEST: usize = 6;

static SECRETS: OnceLock<Vec<Secret>> = OnceLock::new();

#[derive(Debug)]
struct Secret {
    name: String,
    /// What stands in its place.
    shown: String,
    forms: Regex,
    /// The forms that can stand in bytes.
    needles: Vec<Vec<u8>>,
}

/// From here on these values are hidden. Once a process. An error is the name of one that cannot be.
pub fn keep(secrets: &[(String, String)]) -> Result<(), String> {
    // A long one first: a short one may be a part of it.
    let mut sorted: Vec<_> = secrets.iter().collect();
    sorted.sort_by_key(|(_, value)| std::cmp::Reverse(value.len()));
    let made = sorted.into_iter().map(|(name, value)| Secret::of(name, value).ok_or_else(|| name.clone()));
    let _ = SECRETS.set(made.collect::<Result<_, _>>()?);
    Ok(())
}

/// Is anything hidden?
pub fn are_kept() -> bool {
    SECRETS.get().is_some_and(|secrets| !secrets.is_empty())
}

/// The text without the secrets.
pub fn hide(text: &str) -> Cow<'_, str> {
    let Some(secrets) = SECRETS.get() else { return Cow::Borrowed(text) };
    hidden(secrets, text)
}

fn hidden<'a>(secrets: &[Secret], text: &'a str) -> Cow<'a, str> {
    let mut out = Cow::Borrowed(text);
    for secret in secrets {
        if secret.forms.is_match(&out) {
            let replaced = secret.forms.replace_all(&out, regex::NoExpand(&secret.shown)).into_owned();
            out = Cow::Owned(replaced);
        }
    }
    out
}

/// The name of a secret that [`hide`] finds in the text.
pub fn named_in(text: &str) -> Option<&'static str> {
    SECRETS.get()?.iter().find(|secret| secret.forms.is_match(text)).map(|secret| &*secret.name)
}

/// Bytes with stars in the place of the secrets, for what is drawn byte by byte.
pub fn hide_bytes(bytes: &[u8]) -> Cow<'_, [u8]> {
    let Some(secrets) = SECRETS.get() else { return Cow::Borrowed(bytes) };
    hidden_bytes(secrets, bytes)
}

fn hidden_bytes<'a>(secrets: &[Secret], bytes: &'a [u8]) -> Cow<'a, [u8]> {
    let mut out = Cow::Borrowed(bytes);
    for needle in secrets.iter().flat_map(|secret| &secret.needles) {
        let found: Vec<usize> = memchr::memmem::find_iter(&out, needle).collect();
        for at in found {
            out.to_mut()[at..at + needle.len()].fill(b'*');
        }
    }
    out
}

/// A part of some bytes, where no more is shown: stars stand for what its ends leave of a secret.
pub fn part(whole: &[u8], part: Range<usize>) -> Cow<'_, [u8]> {
    let shown = &whole[part.clone()];
    match SECRETS.get() {
        Some(secrets) => part_of(secrets, whole, part),
        None => Cow::Borrowed(shown),
    }
}

fn part_of<'a>(secrets: &[Secret], whole: &'a [u8], part: Range<usize>) -> Cow<'a, [u8]> {
    let mut out = Cow::Borrowed(&whole[part.clone()]);
    for needle in secrets.iter().flat_map(|secret| &secret.needles) {
        // Only these can reach over an end.
        let from = part.start.saturating_sub(needle.len());
        let to = whole.len().min(part.end + needle.len());
        for at in memchr::memmem::find_iter(&whole[from..to], needle) {
            let found = from + at..from + at + needle.len();
            let (first, last) = (found.start.max(part.start), found.end.min(part.end));
            let is_whole = first == found.start && last == found.end;
            if first < last && !is_whole {
                out.to_mut()[first - part.start..last - part.start].fill(b'*');
            }
        }
    }
    out
}

/// The same of what a stream has brought so far: the rest of a secret may be on its way.
pub fn part_of_stream(so_far: &[u8], shown: Range<usize>) -> Cow<'_, [u8]> {
    /// Fewer bytes are the beginning of much that is no secret.
    const LEAST: usize = 4;
    let end = so_far.len() - unfinished(so_far);
    let mut out = part(so_far, shown.clone());
    if so_far.len() - end >= LEAST && end < shown.end {
        out.to_mut()[end.max(shown.start) - shown.start..].fill(b'*');
    }
    out
}

/// The first characters of a text, where it has more; secrets are hidden while they are whole.
pub fn first(text: &str, most: usize) -> Option<String> {
    let text = hide(text);
    text.char_indices().nth(most).map(|(end, _)| text[..end].to_string())
}

/// How long a form of a secret can be: so many bytes before a part tell whether it begins within one.
pub fn longest() -> usize {
    let needles = SECRETS.get().into_iter().flatten().flat_map(|secret| &secret.needles);
    needles.map(Vec::len).max().unwrap_or(0)
}

/// How many bytes at the end of what came may be the beginning of a secret, whose rest is on its way.
pub fn unfinished(bytes: &[u8]) -> usize {
    SECRETS.get().map_or(0, |secrets| begun(secrets, bytes))
}

fn begun(secrets: &[Secret], bytes: &[u8]) -> usize {
    let needles = secrets.iter().flat_map(|secret| &secret.needles);
    let begins = |needle: &Vec<u8>| {
        (1..needle.len()).rev().find(|&length| bytes.ends_with(&needle[..length])).unwrap_or(0)
    };
    needles.map(begins).max().unwrap_or(0)
}

impl Secret {
    fn of(name: &str, value: &str) -> Option<Secret> {
        if value.len() < SHORTEST {
            return None;
        }
        let bytes = value.as_bytes();
        let shown = literal::show(bytes);
        let inner =
            |quoted: &str| quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default().to_string();
        let percent = |c: char| match c.is_ascii_alphanumeric() || "-_.~".contains(c) {
            true => c.to_string(),
            false => c.to_string().bytes().map(|byte| format!("%{byte:02X}")).collect(),
        };
        let own = [
            value.to_string(),
            inner(&shown),
            inner(&shown).replace('\'', "\\'"),
            literal::one_line(value),
            literal::visible(value),
            in_json(value),
            in_ascii(&in_json(value)),
        ];
        // Each of them may stand in JSON or XML, and JSON in JSON.
        let mut texts: Vec<String> = own
            .iter()
            .flat_map(|text| {
                let json = in_json(text);
                let plain = [text.clone(), in_ascii(&json), in_json(&json), json.clone()];
                plain.into_iter().chain(in_xml(text)).chain(in_xml(&json))
            })
            .collect();
        texts.push(value.chars().map(percent).collect());
        let codes = base64_forms(bytes);
        texts.extend(codes.iter().cloned());
        texts.retain(|text| text.len() >= SHORTEST);
        texts.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        texts.dedup();
        /// What may stand within a value without making it another: a line end with its indent, a colour.
        const GAP: &str = r"(?:\x1b\[[0-9;]*m|\r?\n[ \t]*)*";
        /// A longer one is looked for as it is: the pattern would be too large.
        const LONGEST: usize = 200;
        let character = |c: char| match c {
            // The line behind it may be indented.
            '\n' => r"\r?\n[ \t]*".to_string(),
            c => regex::escape(&c.to_string()),
        };
        let spaced = |text: &String| {
            let characters: Vec<String> = text.chars().map(character).collect();
            characters.join(if text.len() > LONGEST { "" } else { GAP })
        };
        let hex: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let between = r"(?:\\x|0x|[ :,\-]|\x1b\[[0-9;]*m|\r?\n[ \t]*)*";
        let forms = texts.iter().map(spaced).chain([format!("(?i:{})", hex.join(between))]);
        let pattern = forms.collect::<Vec<_>>().join("|");
        let forms = regex::RegexBuilder::new(&pattern).size_limit(256 << 20).build().ok()?;
        let plain = hex.concat();
        let mut needles: Vec<Vec<u8>> = texts.into_iter().map(String::into_bytes).collect();
        needles.extend([plain.to_uppercase().into_bytes(), plain.into_bytes()]);
        Some(Secret { name: name.to_string(), shown: format!("[secret {name}]"), forms, needles })
    }
}

/// As a string of JSON has it between its quotes.
fn in_json(text: &str) -> String {
    let quoted = serde_json::to_string(text).unwrap_or_default();
    quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default().to_string()
}

/// The same where JSON keeps to ASCII.
fn in_ascii(json: &str) -> String {
    let mut out = String::new();
    for c in json.chars() {
        match c.is_ascii() {
            true => out.push(c),
            false => {
                c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| out.push_str(&format!("\\u{unit:04x}")))
            }
        }
    }
    out
}

/// As texts and attributes of XML have it.
fn in_xml(text: &str) -> Vec<String> {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    let whole = text.replace('>', "&gt;");
    let quoted = whole.replace('"', "&quot;");
    let named = quoted.replace('\'', "&apos;");
    let attributes =
        [quoted.replace('\n', "&#10;"), named.replace('\n', "&#10;"), named.replace('\n', "&#xA;")];
    let numbered = quoted.replace('\'', "&#39;");
    [text, whole, quoted, named, numbered].into_iter().chain(attributes).collect()
}

/// The characters of base64 that depend on the value alone, wherever it begins within the three bytes of a group.
fn base64_forms(bytes: &[u8]) -> Vec<String> {
    // The whole of it, its padding too, goes first.
    let mut all = vec![STANDARD.encode(bytes), URL_SAFE_NO_PAD.encode(bytes)];
    for before in 0..3_usize {
        let padded = [&vec![0; before][..], bytes].concat();
        // Whole characters: 6 bits each, without those that the bytes before and behind have a part in.
        let (from, to) = ((before * 8).div_ceil(6), padded.len() * 8 / 6);
        for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
            all.extend(engine.encode(&padded).get(from..to).map(str::to_string));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: &str, text: &str) -> String {
        let secret = Secret::of("KEY", value).unwrap();
        hidden(&[secret], text).into_owned()
    }

    #[test]
    fn the_beginning_of_a_value_is_known() {
        let secrets = [Secret::of("KEY", "s3cret").unwrap()];
        for (came, want) in [("the s3c", 3), ("s3cret", 0), ("s", 1), ("", 0), ("s3x", 0), ("s3s3cre", 5)] {
            assert_eq!(begun(&secrets, came.as_bytes()), want, "{came}");
        }
    }

    #[test]
    fn each_form_of_a_value_is_hidden() {
        let value = "s3cr&t\n\"né";
        let long = format!("user:{value}:rest");
        for text in [
            value.to_string(),
            literal::show(value.as_bytes()),
            serde_json::to_string(value).unwrap(),
            serde_json::to_string(&serde_json::to_string(value).unwrap()).unwrap(),
            "s3cr&amp;t\n&quot;né".to_string(),
            "s3cr%26t%0A%22n%C3%A9".to_string(),
            "73336372 26740a22 6ec3a9".to_string(),
            "73:33:63:72:26:74:0A:22:6E:C3:A9".to_string(),
            r"\x73\x33\x63\x72\x26\x74\x0a\x22\x6e\xc3\xa9".to_string(),
            STANDARD_NO_PAD.encode(value),
            STANDARD_NO_PAD.encode(&long),
            STANDARD_NO_PAD.encode(&long[1..]),
            URL_SAFE_NO_PAD.encode(&long[2..]),
            "s3c\n    r&t\n\"n\u{1b}[31mé".to_string(),
        ] {
            let shown = check(value, &format!("<{text}>"));
            assert!(shown.contains("[secret KEY]"), "{text}: {shown}");
            assert!(!shown.contains("s3c") && !shown.contains("733363"), "{text}: {shown}");
        }
        assert_eq!(check("abcdef", "abcde abcdeg 616263 ABCDEF"), "abcde abcdeg 616263 ABCDEF");
        assert_eq!(check("abcdef", "xabcdefabcdefx"), "x[secret KEY][secret KEY]x");
        assert!(Secret::of("KEY", "abcde").is_none());
    }

    #[test]
    fn bytes_that_are_drawn_have_stars() {
        let secret = Secret::of("KEY", "abcdefgh").unwrap();
        let secrets = [secret];
        assert_eq!(&*hidden_bytes(&secrets, b"0123456789abcdefgh!"), b"0123456789********!");
        assert_eq!(&*hidden_bytes(&secrets, b"6162636465666768"), b"****************");
        assert_eq!(&*hidden_bytes(&secrets, b"abcdefg"), b"abcdefg");
    }

    #[test]
    fn a_part_has_stars_for_what_its_ends_leave() {
        let secrets = [Secret::of("KEY", "abcdefgh").unwrap()];
        let whole = b"12abcdefgh34abcdefgh56";
        for (range, want) in [
            (0..22, "12abcdefgh34abcdefgh56"),
            (4..12, "******34"),
            (0..9, "12*******"),
            (3..15, "*******34***"),
            (4..6, "**"),
            (2..10, "abcdefgh"),
            (10..12, "34"),
            (10..10, ""),
        ] {
            assert_eq!(&*part_of(&secrets, whole, range.clone()), want.as_bytes(), "{range:?}");
        }
    }

    #[test]
    fn a_long_value_is_hidden_too() {
        let value: String = (0..4096).map(|n| char::from(b'a' + (n % 26) as u8)).collect();
        assert_eq!(check(&value, &format!("a{value}b")), "a[secret KEY]b");
    }
}
