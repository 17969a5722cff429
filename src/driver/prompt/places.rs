//! Where a line could go to: the hosts, services and interfaces that this machine knows, and those of earlier lines.

use std::fs::read_to_string;

use super::past::Past;
use crate::command::find;
use crate::command::row::Kind;
use crate::words::Lang;

/// Names, each with its description.
pub type Named = Vec<(String, String)>;

/// Of /etc/services at most so many are kept: some systems have ten thousand.
const MOST: usize = 2000;

/// The names in /etc/hosts, with their addresses.
pub fn hosts() -> Named {
    let text = read_to_string("/etc/hosts").unwrap_or_default();
    let mut found = Named::new();
    for line in text.lines() {
        let mut words = line.split('#').next().unwrap_or("").split_whitespace();
        let Some(address) = words.next() else { continue };
        found.extend(words.map(|name| (name.to_string(), address.to_string())));
    }
    found.truncate(MOST);
    found
}

/// The names in /etc/services, with their ports.
pub fn services() -> Named {
    let text = read_to_string("/etc/services").unwrap_or_default();
    let mut found = Named::new();
    for line in text.lines() {
        let mut words = line.split('#').next().unwrap_or("").split_whitespace();
        if let (Some(name), Some(port)) = (words.next(), words.next())
            && found.last().is_none_or(|(last, _)| last != name)
        {
            found.push((name.to_string(), port.to_string()));
        }
    }
    found.truncate(MOST);
    found
}

/// The network interfaces.
pub fn interfaces() -> Vec<String> {
    let entries = std::fs::read_dir("/sys/class/net").into_iter().flatten().flatten();
    let mut found: Vec<String> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    found.sort_unstable();
    found
}

/// The hosts and the ports of earlier lines, the latest first.
pub fn earlier(past: &Past, lang: Lang) -> (Named, Named) {
    let about = phrase!(en "of an earlier line", es "de una línea anterior").show(lang);
    let (mut hosts, mut ports) = (Named::new(), Named::new());
    let add = |list: &mut Named, word: &str| {
        let plain = word.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | ':' | '-' | '_'));
        if plain && !word.is_empty() && !list.iter().any(|(known, _)| known == word) {
            list.push((word.to_string(), about.to_string()));
        }
    };
    for line in past.latest(300) {
        let words: Vec<&str> = line.split_whitespace().filter(|word| !word.starts_with("--")).collect();
        let Some(at) = words.iter().position(|word| {
            let name = word.rsplit('.').next().unwrap_or(word);
            find(name).is_some_and(|row| row.params.iter().any(|p| p.kind == Kind::Target))
        }) else {
            continue;
        };
        let [.., host, port] = &words[at + 1..] else { continue };
        if !host.contains('/') && port.chars().all(|c| c.is_ascii_alphanumeric()) && *port != "0" {
            add(&mut hosts, host);
            add(&mut ports, port);
        }
    }
    (hosts, ports)
}
