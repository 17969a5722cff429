//! Answers: does what came match what was written, and how is what came to be written?

use std::collections::HashSet;

/// Stands for any text in a line.
pub const ANY_TEXT: &str = "[..]";
/// A line that stands for any lines.
pub const ANY_LINES: &str = "...";

/// Does `got` match the answer `wanted`? Trailing blanks count for nothing.
pub fn matches(wanted: &[String], got: &[String]) -> bool {
    let pairs = |(wanted, got): (&String, &String)| line_matches(wanted.trim_end(), got.trim_end());
    // What stands before the first `...` and behind the last is compared line by line.
    let any = |line: &String| line.trim() == ANY_LINES;
    let (Some(first), Some(last)) = (wanted.iter().position(any), wanted.iter().rposition(any)) else {
        return wanted.len() == got.len() && wanted.iter().zip(got).all(pairs);
    };
    let (head, tail) = (&wanted[..first], &wanted[last + 1..]);
    if got.len() < head.len() + tail.len() {
        return false;
    }
    let (before, rest) = got.split_at(head.len());
    let (mut rest, after) = rest.split_at(rest.len() - tail.len());
    if !head.iter().zip(before).all(pairs) || !tail.iter().zip(after).all(pairs) {
        return false;
    }
    // Between two `...` a stretch may stand anywhere: the first place where it does leaves the most.
    for stretch in wanted[first..=last].split(any).filter(|stretch| !stretch.is_empty()) {
        let here = |lines: &[String]| stretch.iter().zip(lines).all(pairs);
        match rest.windows(stretch.len()).position(here) {
            Some(at) => rest = &rest[at + stretch.len()..],
            None => return false,
        }
    }
    true
}

/// One line against a pattern in which `[..]` is any text.
pub fn line_matches(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split(ANY_TEXT);
    let first = pieces.next().unwrap_or("");
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut pieces: Vec<&str> = pieces.collect();
    let Some(last) = pieces.pop() else { return rest.is_empty() };
    for piece in pieces {
        match rest.find(piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// What a script's text says of numbers: what it typed stays as it is in its answers.
#[derive(Debug, Default)]
pub struct Typed {
    words: HashSet<String>,
    /// Ports that the system chose: whoever shows one alone shows another next time.
    chosen: HashSet<String>,
}

impl Typed {
    pub fn of(text: &str) -> Typed {
        let own = |l: &&str| !l.trim_start().starts_with("#>");
        let words =
            text.lines().filter(own).flat_map(|l| l.split(|c: char| !(c.is_alphanumeric() || c == '.')));
        let numbers = words.filter(|w| w.starts_with(|c: char| c.is_ascii_digit()));
        Typed { words: numbers.map(str::to_string).collect(), chosen: HashSet::new() }
    }

    fn has(&self, word: &str) -> bool {
        self.words.contains(word)
    }

    /// The system chose this port.
    pub fn choose(&mut self, port: &str) {
        if !self.has(port) {
            self.chosen.insert(port.to_string());
        }
    }

    /// Finds the ports that the system chose in the addresses that were shown.
    pub fn look_for_ports<'a>(&mut self, lines: impl IntoIterator<Item = &'a str>) {
        for line in lines {
            for (at, _) in line.match_indices(':') {
                let digits: String = line[at + 1..].chars().take_while(char::is_ascii_digit).collect();
                if !digits.is_empty() && follows_address(&line[..=at]) {
                    self.choose(&digits);
                }
            }
        }
    }
}

/// What came, with `[..]` for what will be another next time: ports the system chose, durations,
/// and the temporary folder.
pub fn generalise(line: &str, typed: &Typed, tmpdir: Option<&str>) -> String {
    let line = match tmpdir {
        Some(folder) if !folder.is_empty() => line.replace(folder, ANY_TEXT),
        _ => line.to_string(),
    };
    let mut out = String::with_capacity(line.len());
    let mut quoted = false;
    let mut rest = line.as_str();
    while let Some(c) = rest.chars().next() {
        // What stands in quotes is what a peer sent.
        if c == '"' && !out.ends_with('\\') {
            quoted = !quoted;
        }
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        if quoted || digits == 0 {
            out.push(c);
            rest = &rest[c.len_utf8()..];
            continue;
        }
        let word = rest.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'.').count();
        let (word, number) = (&rest[..word], &rest[..digits]);
        let starts = !out.ends_with(|c: char| c.is_alphanumeric() || c == '.');
        let port = out.ends_with(':') && word.len() == digits && follows_address(&out);
        let chosen = starts && typed.chosen.contains(word.trim_end_matches('.'));
        if chosen {
            out.push_str(ANY_TEXT);
            out.push_str(&word[number.len()..]);
        } else if (port && !typed.has(number)) || (starts && is_duration(word) && !typed.has(word)) {
            out.push_str(ANY_TEXT);
        } else {
            out.push_str(word);
        }
        rest = &rest[word.len()..];
    }
    out
}

/// `127.0.0.1:` or `[::1]:`
fn follows_address(before: &str) -> bool {
    let host = before.trim_end_matches(':');
    host.ends_with(']')
        || host.rsplit([' ', '(', ',', '[']).next().is_some_and(|h| h.parse::<std::net::Ipv4Addr>().is_ok())
}

fn is_duration(word: &str) -> bool {
    let split = word.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(word.len());
    matches!(&word[split..], "ns" | "us" | "ms" | "s") && split > 0
}

/// What several answers share; `[..]` where they differ.
pub fn share(mut times: impl Iterator<Item = Vec<String>>) -> Vec<String> {
    let Some(mut shared) = times.next() else { return Vec::new() };
    for other in times {
        if shared == other || matches(&shared, &other) {
            continue;
        }
        if shared.len() != other.len() {
            return vec![ANY_LINES.to_string()];
        }
        for (line, with) in shared.iter_mut().zip(&other) {
            *line = share_line(line, with);
        }
    }
    shared
}

fn share_line(a: &str, b: &str) -> String {
    if a == b || line_matches(a, b) {
        return a.to_string();
    }
    let start: usize = a.chars().zip(b.chars()).take_while(|(x, y)| x == y).map(|(x, _)| x.len_utf8()).sum();
    let (left, right) = (&a[start..], &b[start..]);
    let end: usize = left
        .chars()
        .rev()
        .zip(right.chars().rev())
        .take_while(|(x, y)| x == y)
        .map(|(x, _)| x.len_utf8())
        .sum();
    // A `[..]` that was there before is not cut in two.
    let head = &a[..start];
    let head = head.rfind('[').filter(|&at| ANY_TEXT.starts_with(&head[at..])).map_or(head, |at| &head[..at]);
    let tail = &left[left.len() - end..];
    let tail =
        tail.find(']').filter(|&at| ANY_TEXT.ends_with(&tail[..=at])).map_or(tail, |at| &tail[at + 1..]);
    format!("{head}{ANY_TEXT}{tail}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_string).collect()
    }

    #[test]
    fn patterns_match() {
        for (wanted, got, want) in [
            ("a", "a", true),
            ("a", "b", false),
            ("", "", true),
            ("127.0.0.1:[..] → x", "127.0.0.1:4711 → x", true),
            ("[..]", "anything", true),
            ("a[..]b[..]c", "a1b2c", true),
            ("a[..]b", "ab", true),
            ("ab[..]b", "ab", false),
            ("a\n...\nz", "a\nz", true),
            ("a\n...\nz", "a\nb\nc\nz", true),
            ("a\n...", "b", false),
            ("...\nz\n...", "x\nz\ny", true),
            ("a\nb", "a", false),
        ] {
            assert_eq!(matches(&lines(wanted), &lines(got)), want, "{wanted:?} {got:?}");
        }
    }

    #[test]
    fn what_changes_is_generalised() {
        let typed = Typed::of("bind 127.0.0.1 8998\nsettimeout 2s\n#> 127.0.0.1:5000");
        for (line, want) in [
            ("127.0.0.1:45698 → 127.0.0.1:8998", "127.0.0.1:[..] → 127.0.0.1:8998"),
            ("[::1]:5000", "[::1]:[..]"),
            ("2s", "2s"),
            ("rtt 57us", "rtt [..]"),
            ("23 bytes  \"at 127.0.0.1:5000 3s\"", "23 bytes  \"at 127.0.0.1:5000 3s\""),
            ("4 of 16 bytes, 12 lost", "4 of 16 bytes, 12 lost"),
            ("s1: inet stream", "s1: inet stream"),
        ] {
            assert_eq!(generalise(line, &typed, None), want);
        }
        let mut typed = typed;
        typed.look_for_ports(["127.0.0.1:45698 → 127.0.0.1:8998"]);
        assert_eq!(generalise("port: 45698.", &typed, None), "port: [..].");
        assert_eq!(generalise("port: 8998", &typed, None), "port: 8998");
        assert_eq!(generalise("/tmp/sbX/a", &typed, Some("/tmp/sbX")), "[..]/a");
    }

    #[test]
    fn what_times_share_is_kept() {
        let share_of = |texts: &[&str]| share(texts.iter().map(|t| lines(t))).join("\n");
        assert_eq!(share_of(&["s2 ← x", "s3 ← x", "s10 ← x"]), "s[..] ← x");
        assert_eq!(share_of(&["a", "a"]), "a");
        assert_eq!(share_of(&["a", "a\nb"]), "...");
    }
}
