//! Names of hosts with letters beyond ASCII, as DNS has them: `ñandú.cl` is `xn--and-6ma2c.cl`.
//!
//! Each label is lowered and written in Punycode (RFC 3492), as RFC 5891 has it. Letters that are put together from a
//! letter and a mark are not joined here: such a name is refused rather than asked for as another.

use std::borrow::Cow;

use crate::words::Sentence;

/// The name as the look-up is handed it; what is ASCII stays as it is.
pub fn to_ascii(host: &str) -> Result<Cow<'_, str>, Sentence> {
    if host.is_ascii() {
        return Ok(Cow::Borrowed(host));
    }
    if let Some(mark) = host.chars().find(|c| is_mark(*c)) {
        let code = format!("U+{:04X}", u32::from(mark));
        return Err(say!(
            en "a letter and its mark stand apart in this name ({code}): type it as one letter",
            es "una letra y su marca van separadas en este nombre ({code}): escríbela como una sola letra",
            code
        ));
    }
    // The full stops of other scripts part labels too.
    let parts = host.split(['.', '\u{3002}', '\u{ff0e}', '\u{ff61}']);
    let labels: Vec<String> = parts.map(label).collect::<Result<_, _>>()?;
    Ok(Cow::Owned(labels.join(".")))
}

fn is_mark(c: char) -> bool {
    matches!(u32::from(c), 0x300..=0x36f | 0x1ab0..=0x1aff | 0x1dc0..=0x1dff | 0x20d0..=0x20ff | 0xfe20..=0xfe2f)
}

fn label(label: &str) -> Result<String, Sentence> {
    /// What DNS has room for.
    const LONGEST: usize = 63;
    let lowered = label.to_lowercase();
    if lowered.is_ascii() {
        return Ok(lowered);
    }
    let coded = format!("xn--{}", punycode(&lowered));
    if coded.len() > LONGEST {
        let length = coded.len();
        return Err(say!(
            en "`{label}` is too long for a name: {length} bytes as DNS has it, and {most} is the most",
            es "`{label}` es demasiado largo para un nombre: {length} bytes como lo lleva DNS, y lo más es {most}",
            label,
            length,
            most = LONGEST
        ));
    }
    Ok(coded)
}

/// RFC 3492, 6.3. Labels are short: the square of their length is little.
fn punycode(label: &str) -> String {
    const BASE: u32 = 36;
    let mut out: String = label.chars().filter(char::is_ascii).collect();
    let basic = out.len() as u32;
    if basic > 0 {
        out.push('-');
    }
    let (mut n, mut delta, mut bias, mut handled) = (0x80, 0u32, 72, basic);
    let total = label.chars().count() as u32;
    while handled < total {
        let Some(next) = label.chars().map(u32::from).filter(|c| *c >= n).min() else { break };
        delta = delta.saturating_add((next - n).saturating_mul(handled + 1));
        n = next;
        for c in label.chars().map(u32::from) {
            if c < n {
                delta = delta.saturating_add(1);
            }
            if c != n {
                continue;
            }
            let (mut q, mut k) = (delta, BASE);
            loop {
                let t = if k <= bias { 1 } else { (k - bias).min(26) };
                if q < t {
                    break;
                }
                out.push(digit(t + (q - t) % (BASE - t)));
                q = (q - t) / (BASE - t);
                k += BASE;
            }
            out.push(digit(q));
            bias = adapt(delta, handled + 1, handled == basic);
            delta = 0;
            handled += 1;
        }
        delta = delta.saturating_add(1);
        n += 1;
    }
    out
}

fn digit(value: u32) -> char {
    char::from(if value < 26 { b'a' + value as u8 } else { b'0' + (value as u8 - 26) })
}

fn adapt(delta: u32, points: u32, first: bool) -> u32 {
    let mut delta = if first { delta / 700 } else { delta / 2 };
    delta += delta / points;
    let mut k = 0;
    while delta > 455 {
        delta /= 35;
        k += 36;
    }
    k + 36 * delta / (delta + 38)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_as_dns_has_them() {
        for (host, want) in [
            ("localhost", "localhost"),
            ("ñandú.cl", "xn--and-6ma2c.cl"),
            ("Bücher.example", "xn--bcher-kva.example"),
            ("例え。テスト", "xn--r8jz45g.xn--zckzah"),
            ("правда.рф", "xn--80aafi6cg.xn--p1ai"),
        ] {
            assert_eq!(to_ascii(host).unwrap(), want);
        }
        assert!(to_ascii("n\u{303}andu.cl").is_err());
        assert!(to_ascii(&"ñ".repeat(70)).is_err());
    }
}
