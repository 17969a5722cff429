//! Answers: the patterns that `#>` lines are, how what came is compared with them, and how what came is
//! written as one.
//!
//! In a pattern `[..]` is any text of a line, a line `...` any lines and `${NAME}` the text of a known name;
//! `[[]`, `[.]` and `[$]` are the characters themselves, for text that would otherwise be read as one of these.

use std::collections::HashSet;

use super::literal;
use super::words::is_name;

/// Stands for any text in a line.
pub const ANY_TEXT: &str = "[..]";
/// A line that stands for any lines.
pub const ANY_LINES: &str = "...";

/// The lines of what a command showed, as an answer holds them: one line at least, control characters
/// visible, a carriage return as `\r`. The line end of the last line is not a line of its own.
pub fn lines_of(shown: &str) -> Vec<String> {
    shown.strip_suffix('\n').unwrap_or(shown).split('\n').map(literal::visible).collect()
}

/// A piece of a line of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece {
    Any,
    Char(char),
}

/// Reads a line of an answer.
fn pieces(line: &str) -> Vec<Piece> {
    let mut out = Vec::with_capacity(line.len());
    let mut rest = line;
    while let Some(c) = rest.chars().next() {
        let (piece, length) = match rest.get(..3) {
            _ if rest.starts_with(ANY_TEXT) => (Piece::Any, ANY_TEXT.len()),
            Some("[[]" | "[.]" | "[$]") => (Piece::Char(char::from(rest.as_bytes()[1])), 3),
            _ => (Piece::Char(c), c.len_utf8()),
        };
        out.push(piece);
        rest = &rest[length..];
    }
    out
}

/// Writes a line of an answer that is read back as these pieces.
fn written(pieces: &[Piece]) -> String {
    let mut out = String::with_capacity(pieces.len());
    let plain: String = pieces.iter().map(|p| if let Piece::Char(c) = p { *c } else { '\u{fffc}' }).collect();
    if plain.trim() == ANY_LINES {
        return plain.replacen('.', "[.]", 1);
    }
    let mut rest = plain.as_str();
    for piece in pieces {
        match piece {
            Piece::Any => out.push_str(ANY_TEXT),
            Piece::Char('[') if ["[..]", "[[]", "[.]", "[$]"].iter().any(|t| rest.starts_with(t)) => {
                out.push_str("[[]");
            }
            Piece::Char('$') if !out.ends_with('\\') && reference(rest).is_some() => out.push_str("[$]"),
            Piece::Char(c) => out.push(*c),
        }
        rest = rest.chars().next().map_or("", |c| &rest[c.len_utf8()..]);
    }
    out
}

/// A line of text as a line of an answer that holds for it and for nothing else.
pub fn escaped(line: &str) -> String {
    written(&line.chars().map(Piece::Char).collect::<Vec<_>>())
}

/// The name in `${NAME}`, where a text begins so.
fn reference(text: &str) -> Option<&str> {
    let (name, _) = text.strip_prefix("${")?.split_once('}')?;
    is_name(name).then_some(name)
}

/// The answer with the text of known names in place of `${NAME}`; others stay as they are.
pub fn filled(lines: &[String], known: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let fill = |line: &String| {
        let (mut out, mut rest) = (String::with_capacity(line.len()), line.as_str());
        while let Some(at) = rest.find("${") {
            out.push_str(&rest[..at]);
            // `\${` is how shown bytes say the two characters themselves.
            let name = reference(&rest[at..]).filter(|_| !out.ends_with('\\'));
            let value = name.and_then(|name| Some((name, known(name)?)));
            rest = &rest[at..];
            match value {
                Some((name, text)) => {
                    out.push_str(&escaped(&literal::one_line(&text)));
                    rest = &rest[name.len() + 3..];
                }
                None => {
                    out.push_str("${");
                    rest = &rest[2..];
                }
            }
        }
        out + rest
    };
    lines.iter().map(fill).collect()
}

/// Is this line of an answer the one that stands for any lines?
pub fn is_any_lines(line: &str) -> bool {
    line.trim() == ANY_LINES
}

/// Does `got` match the answer `wanted`? Trailing blanks count for nothing.
pub fn matches(wanted: &[String], got: &[String]) -> bool {
    let pairs = |(wanted, got): (&String, &String)| line_matches(wanted.trim_end(), got.trim_end());
    // What stands before the first `...` and behind the last is compared line by line.
    let any = |line: &String| is_any_lines(line);
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

/// One line against a line of an answer.
pub fn line_matches(pattern: &str, text: &str) -> bool {
    if !pattern.contains('[') {
        return pattern == text;
    }
    let texts = texts(pattern);
    let Some((first, rest)) = texts.split_first() else { return text.is_empty() };
    let Some(mut left) = text.strip_prefix(first.as_str()) else { return false };
    let Some((last, between)) = rest.split_last() else { return left.is_empty() };
    for piece in between {
        match left.find(piece.as_str()) {
            Some(at) => left = &left[at + piece.len()..],
            None => return false,
        }
    }
    left.ends_with(last.as_str())
}

/// What a line of an answer says around each of its `[..]`, in order: one text more than it has of these.
pub fn texts(pattern: &str) -> Vec<String> {
    let text = |run: &[Piece]| {
        run.iter().filter_map(|p| if let Piece::Char(c) = p { Some(*c) } else { None }).collect()
    };
    pieces(pattern).split(|piece| *piece == Piece::Any).map(text).collect()
}

/// What a script's text says of numbers: what it typed stays as it is in its answers.
#[derive(Debug, Default)]
pub struct Typed {
    words: HashSet<String>,
    /// Ports that the system chose: they differ from run to run.
    chosen: HashSet<String>,
    /// The names of abstract addresses.
    abstracts: HashSet<String>,
}

impl Typed {
    /// The numbers that stand in a script.
    pub fn of(text: &str) -> Typed {
        let own = |l: &&str| !l.trim_start().starts_with("#>");
        let words =
            text.lines().filter(own).flat_map(|l| l.split(|c: char| !(c.is_alphanumeric() || c == '.')));
        let numbers = words.filter(|w| w.starts_with(|c: char| c.is_ascii_digit()));
        let names = text.lines().filter(own).flat_map(|l| l.split('@').skip(1));
        let names = names.map(|rest| rest.split(|c: char| !c.is_alphanumeric()).next().unwrap_or(""));
        Typed {
            words: numbers.map(str::to_string).collect(),
            chosen: HashSet::new(),
            abstracts: names.map(str::to_string).collect(),
        }
    }

    fn has_abstract(&self, name: &str) -> bool {
        self.abstracts.contains(name)
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

/// What came as an answer: each line as [`generalise`] has it, and the descriptors in a table of sockets as `[..]`.
pub fn generalise_all(lines: &[String], typed: &Typed, tmpdir: Option<&str>) -> Vec<String> {
    const COLUMN: &str = "  fd  ";
    let mut column = None;
    let general = |line: &String| {
        column = line.find(COLUMN).map(|at| at + 2).or(column);
        let fd = column.filter(|&at| line.get(..at).is_some_and(|before| before.ends_with("  ")));
        let digits = fd.map_or(0, |at| line[at..].bytes().take_while(u8::is_ascii_digit).count());
        match fd {
            Some(at) if digits > 0 => {
                let (before, after) = (&line[..at], &line[at + digits..]);
                format!("{}{ANY_TEXT}{}", generalise(before, typed, tmpdir), generalise(after, typed, tmpdir))
            }
            _ => generalise(line, typed, tmpdir),
        }
    };
    lines.iter().map(general).collect()
}

/// A line that came as a line of an answer, with `[..]` for what will be another next time: ports the
/// system chose, durations, and the temporary folder.
pub fn generalise(line: &str, typed: &Typed, tmpdir: Option<&str>) -> String {
    let mut line = escaped(line);
    if let Some(folder) = tmpdir.filter(|folder| !folder.is_empty()) {
        line = line.replace(&escaped(folder), ANY_TEXT);
    }
    let mut out = String::with_capacity(line.len());
    let mut quoted = false;
    let mut rest = line.as_str();
    while let Some(c) = rest.chars().next() {
        // What stands in quotes is what a peer sent: of that only ports that the system chose.
        if c == '"' && !out.ends_with('\\') {
            quoted = !quoted;
        }
        if c == '@'
            && !out.ends_with(|c: char| c.is_alphanumeric())
            && let Some(name) = is_autobound(rest).filter(|name| !quoted && !typed.has_abstract(name))
        {
            out.push('@');
            out.push_str(ANY_TEXT);
            rest = &rest[1 + name.len()..];
            continue;
        }
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let word = rest.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'.').count();
        let (word, number) = (&rest[..word], &rest[..digits]);
        let starts = !out.ends_with(|c: char| c.is_alphanumeric() || c == '.');
        let chosen = starts && typed.chosen.contains(word.trim_end_matches('.'));
        if digits == 0 || quoted && !chosen {
            out.push(c);
            rest = &rest[c.len_utf8()..];
            continue;
        }
        let port = out.ends_with(':') && word.len() == digits && follows_address(&out);
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

/// `@0002f`: an abstract address that the kernel chose, five digits in hex as unix(7) has it. Gives the digits.
fn is_autobound(rest: &str) -> Option<&str> {
    let digits = rest.strip_prefix('@')?.get(..5)?;
    let hex = digits.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    let goes_on = |c: char| c.is_alphanumeric() || "@._-/".contains(c);
    (hex && !rest[6..].starts_with(goes_on)).then_some(digits)
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
        if shared == other {
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
    let (a, b) = (pieces(a), pieces(b));
    if a == b {
        return written(&a);
    }
    // It holds already: nothing of it need go.
    let char_of = |piece: &Piece| if let Piece::Char(c) = piece { Some(*c) } else { None };
    let text: Option<String> = b.iter().map(char_of).collect();
    if text.is_some_and(|text| line_matches(&written(&a), &text)) {
        return written(&a);
    }
    // A number that differs does so as a whole: digits that two have in common say nothing of a third.
    let is_digit = |piece: Option<&Piece>| matches!(piece, Some(Piece::Char(c)) if c.is_ascii_digit());
    let mut start = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    if is_digit(a.get(start)) || is_digit(b.get(start)) {
        start -= a[..start].iter().rev().take_while(|piece| is_digit(Some(piece))).count();
    }
    let (left, right) = (&a[start..], &b[start..]);
    let mut end = left.iter().rev().zip(right.iter().rev()).take_while(|(x, y)| x == y).count();
    let before = |side: &[Piece]| is_digit(side.len().checked_sub(end + 1).and_then(|at| side.get(at)));
    if before(left) || before(right) {
        end -= left[left.len() - end..].iter().take_while(|piece| is_digit(Some(piece))).count();
    }
    let mut shared = a[..start].to_vec();
    // Two `[..]` beside each other are one.
    shared.extend((shared.last() != Some(&Piece::Any)).then_some(Piece::Any));
    let tail = &left[left.len() - end..];
    shared.extend(&tail[usize::from(tail.first() == Some(&Piece::Any))..]);
    written(&shared)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_string).collect()
    }

    #[test]
    fn what_came_is_read_back_as_itself_and_as_nothing_else() {
        for (line, want) in [
            ("plain", "plain"),
            ("...", "[.].."),
            ("  ... ", "  [.].. "),
            ("....", "...."),
            ("a [..] b", "a [[]..] b"),
            ("[[]", "[[][]"),
            ("[[..]]", "[[[]..]]"),
            ("[.] [$] [x]", "[[].] [[]$] [x]"),
            ("${x} $x ${} ${a b}", "[$]{x} $x ${} ${a b}"),
            ("[${x}", "[[$]{x}"),
        ] {
            assert_eq!(escaped(line), want, "{line}");
            let wanted = [want.to_string()];
            assert!(matches(&wanted, &[line.to_string()]), "{line}");
            assert!(!matches(&wanted, &[line.replace('.', "x") + "y"]), "{line}");
            assert!(!is_any_lines(want), "{line}");
            assert_eq!(filled(&wanted, |_| Some("?".into())), wanted, "{line}");
            assert_eq!(written(&pieces(want)), want, "{line}");
        }
    }

    #[test]
    fn every_short_line_of_signs_is_read_back_as_itself() {
        let signs: Vec<char> = "[].$".chars().collect();
        for code in 0..signs.len().pow(7) {
            let line: String = (0..7).map(|at| signs[code / signs.len().pow(at) % signs.len()]).collect();
            assert!(
                pieces(&escaped(&line)).iter().eq(line.chars().map(Piece::Char).collect::<Vec<_>>().iter()),
                "{line}"
            );
        }
    }

    #[test]
    fn lines_keep_what_cannot_be_seen() {
        for (shown, want) in [
            ("", &[""][..]),
            ("a", &["a"]),
            ("a\n", &["a"]),
            ("a\n\nb", &["a", "", "b"]),
            ("a\r\nb\r\n", &["a\\r", "b\\r"]),
        ] {
            assert_eq!(lines_of(shown), want, "{shown:?}");
        }
    }

    #[test]
    fn names_are_filled_in() {
        let known = |name: &str| (name == "x").then(|| "[..]".to_string());
        let wanted = lines("a ${x} ${y} $x");
        assert_eq!(filled(&wanted, known), ["a [[]..] ${y} $x"]);
        assert_eq!(filled(&lines("\\${x}"), known), ["\\${x}"]);
        assert_eq!(escaped("\\${x}"), "\\${x}");
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
            ("@0002f → @abcde, @12345x @123456", "@[..] → @[..], @12345x @123456"),
            ("4 bytes  \"@0002f\"", "4 bytes  \"@0002f\""),
        ] {
            assert_eq!(generalise(line, &typed, None), want);
        }
        let mut typed = typed;
        typed.look_for_ports(["127.0.0.1:45698 → 127.0.0.1:8998"]);
        assert_eq!(generalise("port: 45698.", &typed, None), "port: [..].");
        assert_eq!(generalise("port: 8998", &typed, None), "port: 8998");
        let sent = r#"11 bytes  "port 45698\n", 23s"#;
        assert_eq!(generalise(sent, &typed, None), r#"11 bytes  "port [..]\n", [..]"#);
        assert_eq!(generalise("/tmp/sbX/a", &typed, Some("/tmp/sbX")), "[..]/a");
    }

    #[test]
    fn descriptors_of_a_table_are_generalised() {
        let table = lines("  name  fd  family\n> a     12  inet 3\n  b     -   inet\nno 4 table");
        let want = lines("  name  fd  family\n> a     [..]  inet 3\n  b     -   inet\nno 4 table");
        assert_eq!(generalise_all(&table, &Typed::default(), None), want);
    }

    #[test]
    fn what_times_share_is_kept() {
        let share_of = |texts: &[&str]| share(texts.iter().map(|t| lines(t))).join("\n");
        assert_eq!(share_of(&["s2 ← x", "s3 ← x", "s10 ← x"]), "s[..] ← x");
        assert_eq!(share_of(&["a", "a"]), "a");
        assert_eq!(share_of(&["n 4179 of 9", "n 4229 of 9"]), "n [..] of 9");
        assert_eq!(share_of(&["took 5ms", "took 15ms"]), "took [..]ms");
        assert_eq!(share_of(&["a[..]c[..]e", "abcde", "axe"]), "a[..]e");
        assert_eq!(share_of(&["a[..]c[..]e", "abcde"]), "a[..]c[..]e");
        assert_eq!(share_of(&["x[[]..]1", "x[[]..]2"]), "x[[]..][..]");
        assert_eq!(share_of(&["a", "a\nb"]), "...");
    }
}
