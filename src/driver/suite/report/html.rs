//! The run as a page for a browser: one file, which loads nothing from elsewhere.
//!
//! Everything in it stands there as text: what a peer sent, what a program wrote and what a file is called is escaped, and
//! what a terminal would obey or what cannot be seen is written out. A policy in the page (CSP) allows the one style and
//! the one script that this program wrote, by their hashes, and nothing else; without the script the page is the same, but
//! for search and order.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value as Json;
use sha2::{Digest as _, Sha256};

use super::text::millis;
use super::{text, utc};
use crate::driver::suite::case::{Attempt, Case, FLAKY, Ran, Verdict};
use crate::picture;
use crate::text::literal::{self, in_markup as escape};
use crate::words::{Lang, Noun, Phrase};

const STYLE: &str = include_str!("report.css");
const SCRIPT: &str = include_str!("report.js");
/// So many bars of the slowest scripts.
const SLOWEST: usize = 12;
/// So many bytes of what a program or a script wrote are shown: the last ones.
const OUTPUT: usize = 64 << 10;

/// The page.
pub fn write(ran: &Ran, lang: Lang) -> String {
    let style = format!("{STYLE}{}", picture::STYLE);
    let mut page = Page { out: String::new(), lang, pictures: 0 };
    let numbers = text::numbers(ran, lang);
    let title = format!("sockbook test: {numbers}");
    let policy = format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'",
        hash(&style),
        hash(SCRIPT)
    );
    page.raw(&format!(
        "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{}</title>\n<style>{style}</style>\n\
         </head>\n<body>\n",
        lang.row().code,
        escape(&title)
    ));
    page.head(ran, &numbers);
    page.controls(ran);
    page.failures(ran);
    page.table(ran);
    page.groups(ran);
    page.times(ran);
    page.raw(&format!("<script>{SCRIPT}</script>\n</body>\n</html>\n"));
    page.out
}

/// As a policy names what it allows.
fn hash(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text)))
}

fn folder(case: &Case) -> String {
    let folder = case.path.parent().map(|path| path.to_string_lossy().into_owned()).unwrap_or_default();
    if folder.is_empty() { ".".into() } else { folder }
}

/// The class of a status: `not-run`.
fn class(case: &Case) -> String {
    status(case).replace(' ', "-")
}

/// What it is sorted and chosen by.
fn status(case: &Case) -> &'static str {
    if case.is_flaky() { FLAKY.en } else { case.verdict().word() }
}

fn shown(case: &Case, lang: Lang) -> &'static str {
    if case.is_flaky() { FLAKY.show(lang) } else { case.verdict().shown().show(lang) }
}

/// Has it a chapter of its own among the failures?
fn is_told(case: &Case) -> bool {
    case.verdict().is_bad() || case.is_flaky() || *case.verdict() == Verdict::Known
}

struct Page {
    out: String,
    lang: Lang,
    /// How many ladders there are so far.
    pictures: usize,
}

impl Page {
    fn raw(&mut self, markup: &str) {
        self.out.push_str(markup);
    }

    fn say(&self, phrase: Phrase) -> &'static str {
        phrase.show(self.lang)
    }

    fn heading(&mut self, level: u8, phrase: Phrase) {
        let text = escape(self.say(phrase));
        let _ = writeln!(self.out, "<h{level}>{text}</h{level}>");
    }

    fn pre(&mut self, text: &str) {
        let _ = writeln!(self.out, "<pre>{}</pre>", escape(text));
    }

    fn head(&mut self, ran: &Ran, numbers: &str) {
        let bad = ran.exit_code() != 0;
        let verdict = if bad { Verdict::Failed } else { Verdict::Passed };
        let _ = writeln!(
            self.out,
            "<header>\n<h1>sockbook test: <span class=\"{}\">{}</span></h1>\n<p>{}</p>",
            verdict.word(),
            verdict.shown().show(self.lang),
            escape(numbers)
        );
        self.proportions(ran);
        let mut facts = vec![utc(ran.began), concat!("sockbook ", env!("CARGO_PKG_VERSION")).to_string()];
        if let Some((part, of)) = ran.shard {
            facts.push(say!(en "part {part} of {of}", es "parte {part} de {of}", part, of).show(self.lang));
        }
        if ran.repeat > 1 {
            let times = ran.repeat;
            facts.push(say!(en "each run {times} times", es "cada uno {times} veces", times).show(self.lang));
        }
        facts.extend(ran.trouble.as_ref().map(|trouble| trouble.show(self.lang)));
        if ran.deny_skips && ran.cases.iter().any(Case::has_skips) {
            let denied = phrase!(en "no script may be skipped", es "ningún script se puede omitir");
            facts.push(self.say(denied).into());
        }
        let _ = writeln!(self.out, "<p class=\"dim\">{}</p>\n</header>", escape(&facts.join(" · ")));
    }

    /// How many went well, badly, and not at all, as a bar.
    fn proportions(&mut self, ran: &Ran) {
        let bad = ran.cases.iter().filter(|case| case.verdict().is_bad()).count();
        let ok = ran.cases.iter().filter(|case| *case.verdict() == Verdict::Passed).count();
        let all = ran.cases.len().max(1);
        let mut from = 0.0;
        self.raw(
            "<svg class=\"bar\" viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\">",
        );
        for (class, count) in [("bad", bad), ("rest", ran.cases.len() - bad - ok), ("ok", ok)] {
            let width = count as f64 * 100.0 / all as f64;
            let _ = write!(
                self.out,
                "<rect class=\"{class}\" x=\"{from:.3}\" width=\"{width:.3}\" height=\"10\"/>"
            );
            from += width;
        }
        self.raw("</svg>\n");
    }

    /// The folders and the tags, each with what came of it.
    fn groups(&mut self, ran: &Ran) {
        let mut folders: BTreeMap<String, Vec<&Case>> = BTreeMap::new();
        let mut tags: BTreeMap<String, Vec<&Case>> = BTreeMap::new();
        for case in &ran.cases {
            folders.entry(folder(case)).or_default().push(case);
            for tag in &case.head.tags {
                tags.entry(tag.clone()).or_default().push(case);
            }
        }
        self.group("folder", phrase!(en "Folders", es "Carpetas"), &folders);
        if !tags.is_empty() {
            self.group("tag", phrase!(en "Tags", es "Etiquetas"), &tags);
        }
    }

    fn group(&mut self, kind: &str, title: Phrase, groups: &BTreeMap<String, Vec<&Case>>) {
        let [scripts, passed, failed, rest, time] = [
            Phrase::same("scripts"),
            phrase!(en "passed", es "aprobados"),
            phrase!(en "failed", es "fallidos"),
            phrase!(en "other", es "otros"),
            phrase!(en "time", es "tiempo"),
        ]
        .map(|phrase| phrase.show(self.lang));
        let open = if groups.len() <= 8 { " open" } else { "" };
        let _ = writeln!(
            self.out,
            "<details{open}><summary>{} ({})</summary><div class=\"wide\"><table><thead><tr><th></th><th class=\"n\">{scripts}</th>\
             <th class=\"n\">{passed}</th><th class=\"n\">{failed}</th><th class=\"n opt\">{rest}</th><th class=\"n\">{time}</th>\
             </tr></thead><tbody>",
            escape(self.say(title)),
            groups.len()
        );
        for (name, cases) in groups {
            let bad = cases.iter().filter(|case| case.verdict().is_bad()).count();
            let ok = cases.iter().filter(|case| *case.verdict() == Verdict::Passed).count();
            let time: Duration = cases.iter().map(|case| case.took()).sum();
            let name = escape(name);
            let class = if bad > 0 { "failed" } else { "" };
            let _ = writeln!(
                self.out,
                "<tr><td class=\"what\"><a href=\"#controls\" data-filter=\"{kind}\" data-value=\"{name}\">{name}</a></td>\
                 <td class=\"n\">{}</td><td class=\"n\">{ok}</td><td class=\"n {class}\">{bad}</td><td class=\"n opt\">{}</td>\
                 <td class=\"n\">{}</td></tr>",
                cases.len(),
                cases.len() - ok - bad,
                millis(time)
            );
        }
        self.raw("</tbody></table></div></details>\n");
    }

    /// The slowest scripts as bars, and how many took how long.
    fn times(&mut self, ran: &Ran) {
        let mut slow: Vec<&Case> = ran.cases.iter().filter(|case| !case.took().is_zero()).collect();
        if slow.len() < 2 {
            return;
        }
        slow.sort_by_key(|case| std::cmp::Reverse(case.took()));
        self.heading(2, phrase!(en "Times", es "Tiempos"));
        self.histogram(&slow);
        self.heading(3, phrase!(en "The slowest", es "Los más lentos"));
        slow.truncate(SLOWEST);
        let most = slow.first().map_or(1.0, |case| case.took().as_secs_f64());
        let height = slow.len() * 34;
        let _ = writeln!(
            self.out,
            "<svg class=\"times\" viewBox=\"0 0 600 {height}\" width=\"600\" height=\"{height}\" role=\"img\">"
        );
        for (at, case) in slow.iter().enumerate() {
            let (y, width) = (at * 34, (case.took().as_secs_f64() / most * 598.0).max(2.0));
            let class = if case.verdict().is_bad() { " class=\"bad\"" } else { "" };
            let name = case.path.to_string_lossy();
            // The end of a path tells most.
            let cut = name.char_indices().rev().nth(60).map_or(0, |(at, _)| at);
            let more = if cut > 0 { "…" } else { "" };
            let _ = writeln!(
                self.out,
                "<text x=\"0\" y=\"{}\">{more}{} <tspan class=\"dim\">{}</tspan></text><rect{class} x=\"0\" y=\"{}\" width=\"{width:.1}\" height=\"8\" rx=\"2\"/>",
                y + 14,
                escape(&literal::one_line(&name[cut..])),
                millis(case.took()),
                y + 19
            );
        }
        self.raw("</svg>\n");
    }

    /// A bar for each doubling of the time.
    fn histogram(&mut self, cases: &[&Case]) {
        let slot = |case: &Case| (case.took().as_micros().max(1) as u64).ilog2();
        let (Some(least), Some(most)) =
            (cases.iter().map(|c| slot(c)).min(), cases.iter().map(|c| slot(c)).max())
        else {
            return;
        };
        let slots: Vec<usize> =
            (least..=most).map(|at| cases.iter().filter(|case| slot(case) == at).count()).collect();
        let highest = slots.iter().copied().max().unwrap_or(1).max(1);
        let wide = 600 / slots.len().max(1);
        let scripts = self.lang.words().count(cases.len() as u64, Noun::Script);
        let label =
            say!(en "How long {scripts} took", es "Cuánto tardaron {scripts}", scripts).show(self.lang);
        let _ = writeln!(
            self.out,
            "<svg class=\"times\" viewBox=\"0 0 600 130\" width=\"600\" height=\"130\" role=\"img\" aria-label=\"{}\">",
            escape(&label)
        );
        for (at, count) in slots.iter().enumerate() {
            let height = (count * 80).div_ceil(highest);
            let (x, y) = (at * wide, 100 - height);
            let from = millis(Duration::from_micros(1 << (least as usize + at)));
            let middle = x + wide / 2;
            let _ = write!(
                self.out,
                "<g><title>{count}: ≥ {from}</title><rect x=\"{}\" y=\"{y}\" width=\"{}\" height=\"{height}\"/>",
                x + 1,
                wide.saturating_sub(2).max(1)
            );
            if *count > 0 {
                let _ = write!(
                    self.out,
                    "<text x=\"{middle}\" y=\"{}\" text-anchor=\"middle\">{count}</text>",
                    y - 4
                );
            }
            // Not so many that they lie on each other.
            if at % (64_usize.div_ceil(wide.max(1))) == 0 {
                let _ = write!(self.out, "<text class=\"dim\" x=\"{x}\" y=\"118\">{from}</text>");
            }
            self.raw("</g>\n");
        }
        self.raw("</svg>\n");
    }

    /// By what scripts and failures are found; the page's script shows it.
    fn controls(&mut self, ran: &Ran) {
        let lang = self.lang;
        self.raw("<div class=\"controls\" id=\"controls\" hidden>\n");
        let search = escape(self.say(phrase!(en "Search", es "Buscar")));
        let _ = writeln!(
            self.out,
            "<input type=\"search\" id=\"search\" placeholder=\"{search}\" aria-label=\"{search}\">"
        );
        let folders: std::collections::BTreeSet<String> = ran.cases.iter().map(folder).collect();
        let tags: std::collections::BTreeSet<&str> =
            ran.cases.iter().flat_map(|case| case.head.tags.iter().map(String::as_str)).collect();
        let folders: Vec<&str> = folders.iter().map(String::as_str).collect();
        self.choice("folder", phrase!(en "All folders", es "Todas las carpetas"), &folders);
        if !tags.is_empty() {
            let tags: Vec<&str> = tags.into_iter().collect();
            self.choice("tag", phrase!(en "All tags", es "Todas las etiquetas"), &tags);
        }
        let mut counts: Vec<(&'static str, &'static str, String, usize)> = Vec::new();
        for case in &ran.cases {
            match counts.iter_mut().find(|(known, ..)| *known == status(case)) {
                Some((.., count)) => *count += 1,
                None => counts.push((status(case), shown(case, lang), class(case), 1)),
            }
        }
        for (status, shown, class, count) in counts {
            let _ = writeln!(
                self.out,
                "<button type=\"button\" data-status=\"{status}\" aria-pressed=\"true\"><span class=\"{class}\">{shown}</span> {count}</button>"
            );
        }
        self.raw("<span id=\"shown\" class=\"dim\" role=\"status\"></span>\n</div>\n");
    }

    /// Every script.
    fn table(&mut self, ran: &Ran) {
        let lang = self.lang;
        self.heading(2, Phrase::same("Scripts"));
        let [state, script, folder_head, time] = [
            phrase!(en "Status", es "Estado"),
            Phrase::same("Script"),
            phrase!(en "Folder", es "Carpeta"),
            phrase!(en "Time", es "Tiempo"),
        ]
        .map(|phrase| escape(phrase.show(lang)));
        let _ = writeln!(
            self.out,
            "<div class=\"wide\"><table><thead><tr>\
             <th data-key=\"n\" class=\"n opt\"><button type=\"button\">#</button></th>\
             <th data-key=\"status\"><button type=\"button\">{state}</button></th>\
             <th data-key=\"script\"><button type=\"button\">{script}</button></th>\
             <th data-key=\"folder\" class=\"opt\"><button type=\"button\">{folder_head}</button></th>\
             <th data-key=\"time\" class=\"n\"><button type=\"button\">{time}</button></th><th class=\"opt\"></th></tr></thead>\n\
             <tbody id=\"scripts\">"
        );
        let most = ran.cases.iter().map(Case::took).max().unwrap_or_default().as_secs_f64().max(1e-9);
        for (at, case) in ran.cases.iter().enumerate() {
            self.row(at, case, most);
        }
        self.raw("</tbody></table></div>\n");
    }

    fn choice(&mut self, id: &str, all: Phrase, values: &[&str]) {
        let all = escape(self.say(all));
        let _ =
            write!(self.out, "<select id=\"{id}\" aria-label=\"{all}\"><option value=\"\">{all}</option>");
        for value in values {
            let value = escape(value);
            let _ = write!(self.out, "<option value=\"{value}\">{value}</option>");
        }
        self.raw("</select>\n");
    }

    fn row(&mut self, at: usize, case: &Case, most: f64) {
        let lang = self.lang;
        let folder = escape(&folder(case));
        let path = escape(&case.path.to_string_lossy());
        let name = case.path.file_name().map_or_else(|| path.clone(), |name| escape(&name.to_string_lossy()));
        let took = case.took();
        let tags = escape(&case.head.tags.join(" "));
        let _ = write!(
            self.out,
            "<tr data-n=\"{at}\" data-status=\"{}\" data-path=\"{path}\" data-folder=\"{folder}\" data-tags=\"{tags}\" data-time=\"{}\">\
             <td class=\"n opt dim\">{}</td>",
            status(case),
            took.as_micros(),
            at + 1
        );
        let (class, shown) = (class(case), shown(case, lang));
        match is_told(case) {
            true => {
                let _ =
                    write!(self.out, "<td class=\"s\"><a class=\"{class}\" href=\"#f{at}\">{shown}</a></td>");
            }
            false => {
                let _ = write!(self.out, "<td class=\"s {class}\">{shown}</td>");
            }
        }
        let _ = write!(self.out, "<td class=\"what\"><span class=\"mono\" title=\"{path}\">{name}</span>");
        for tag in &case.head.tags {
            let _ = write!(self.out, "<span class=\"tag\">{}</span>", escape(tag));
        }
        if let Some((got, of)) = case.points() {
            let _ = write!(self.out, "<span class=\"tag\">{got}/{of}</span>");
        }
        let mut beneath: Vec<String> = case.head.title.iter().cloned().collect();
        if is_told(case) && !case.told.fault().message.is_empty() {
            beneath.push(literal::one_line(&case.told.fault().message));
        }
        if let Verdict::Skipped(why) = case.verdict() {
            beneath.push(why.show(lang));
        }
        beneath.extend(case.told.why.as_ref().map(|why| why.show(lang)));
        beneath.extend(case.told.notes.iter().map(|note| note.show(lang)));
        let runs = text::runs(case, lang);
        if !runs.trim().is_empty() {
            beneath.push(runs.trim().to_string());
        }
        for line in beneath {
            let _ = write!(self.out, "<br><span class=\"dim\">{}</span>", escape(&line));
        }
        let _ = writeln!(
            self.out,
            "</td><td class=\"opt mono\">{folder}</td><td class=\"n\">{}</td><td class=\"opt\"><svg class=\"time\" viewBox=\"0 0 90 8\" \
             aria-hidden=\"true\"><rect width=\"{:.1}\" height=\"8\" rx=\"2\"/></svg></td></tr>",
            millis(took),
            took.as_secs_f64() / most * 90.0
        );
    }

    fn failures(&mut self, ran: &Ran) {
        let told: Vec<(usize, &Case)> =
            ran.cases.iter().enumerate().filter(|(_, case)| is_told(case)).collect();
        if told.is_empty() {
            return;
        }
        self.heading(2, phrase!(en "Failures", es "Fallas"));
        let few = told.len() <= 3;
        for (at, case) in told {
            self.failure(at, case, few);
        }
    }

    fn failure(&mut self, at: usize, case: &Case, open: bool) {
        let lang = self.lang;
        let attempt = case.flaky().unwrap_or(&case.told);
        let open = if open { " open" } else { "" };
        let _ = writeln!(
            self.out,
            "<details class=\"failure\" id=\"f{at}\" data-of=\"{at}\"{open}><summary><span class=\"{}\">{}</span> \
             <strong class=\"mono\">{}</strong><br><span class=\"dim\">{}</span></summary>",
            class(case),
            shown(case, lang),
            escape(&case.path.to_string_lossy()),
            escape(&literal::one_line(&attempt.fault().message))
        );
        let bad: Vec<_> = attempt.bad_parts().collect();
        if bad.is_empty() || attempt.fault().place.is_some() && !attempt.fault().of_parts {
            self.attempt(attempt);
        }
        for part in &bad {
            let _ = writeln!(
                self.out,
                "<h3><span class=\"{}\">{}</span> {}</h3>",
                part.told.verdict.word(),
                part.told.verdict.shown().show(lang),
                escape(&part.title)
            );
            self.attempt(&part.told);
        }
        if let Some(ladder) = &attempt.fault().ladder
            && let Some(drawn) = picture::inline(ladder, self.pictures)
        {
            self.pictures += 1;
            self.heading(3, phrase!(en "What happened until then", es "Lo que pasó hasta entonces"));
            let _ = writeln!(self.out, "<div class=\"wide\">{drawn}</div>");
        }
        if !attempt.output.trim_end().is_empty() {
            self.heading(3, phrase!(en "It printed", es "Imprimió"));
            self.written(&attempt.output);
        }
        self.raw("</details>\n");
    }

    /// What is known of one failure.
    fn attempt(&mut self, attempt: &Attempt) {
        if let Some(place) = &attempt.fault().place {
            let _ = writeln!(
                self.out,
                "<p class=\"mono dim\">{}:{}:{}</p>",
                escape(&literal::one_line(&place.file)),
                place.line,
                place.column
            );
        }
        self.sides(&attempt.fault().sides);
        self.source(&attempt.fault().source);
        self.stack(&attempt.fault().stack);
        self.sockets(&attempt.fault().standing);
        self.programs(&attempt.fault().standing);
        let _ = writeln!(
            self.out,
            "<details><summary>{}</summary>",
            escape(self.say(phrase!(en "The whole report, as in a terminal", es "El informe completo, como en una terminal")))
        );
        self.pre(&attempt.fault().detail);
        self.raw("</details>\n");
    }

    /// What was expected beside what came; where they differ is marked.
    fn sides(&mut self, sides: &Json) {
        for pair in sides.as_array().into_iter().flatten() {
            let side = |name: &str| pair.get(name).and_then(Json::as_str);
            let Some(got) = side("got") else { continue };
            let operator = side("operator").unwrap_or("");
            let (expected, came) = match side("expected") {
                Some(expected) => differing(expected, got),
                None => (String::new(), escape(got)),
            };
            let heads = [phrase!(en "Expected", es "Se esperaba"), phrase!(en "Came", es "Llegó")];
            let [wanted, came_head] = heads.map(|phrase| escape(phrase.show(self.lang)));
            let _ = writeln!(
                self.out,
                "<div class=\"sides\"><div><h3>{wanted} <code>{}</code></h3><pre>{expected}</pre></div>\
                 <div><h3>{came_head}</h3><pre>{came}</pre></div></div>",
                escape(operator)
            );
        }
    }

    fn source(&mut self, source: &Json) {
        for part in source.as_array().into_iter().flatten() {
            let number = |name: &str| part.get(name).and_then(Json::as_u64).unwrap_or(0);
            let (first, fault) = (number("first"), number("line"));
            let file = part.get("file").and_then(Json::as_str).unwrap_or("");
            let _ = write!(self.out, "<h3 class=\"mono\">{}</h3>\n<pre>", escape(&literal::one_line(file)));
            let lines = part.get("lines").and_then(Json::as_array).into_iter().flatten();
            for (after, line) in (0u64..).zip(lines.filter_map(Json::as_str)) {
                let at = first.saturating_add(after);
                let text = format!("<span class=\"ln\">{at}</span>{}", escape(line));
                match at == fault {
                    true => drop(writeln!(self.out, "<span class=\"fault\">{text}</span>")),
                    false => drop(writeln!(self.out, "{text}")),
                }
            }
            self.raw("</pre>\n");
        }
    }

    fn stack(&mut self, stack: &Json) {
        let Some(legs) = stack.as_array().filter(|legs| !legs.is_empty()) else { return };
        self.heading(3, phrase!(en "How it came there", es "Cómo se llegó ahí"));
        self.raw("<div class=\"wide\"><table class=\"mono\"><tbody>\n");
        for leg in legs {
            let text = |name: &str| leg.get(name).and_then(Json::as_str).unwrap_or("").to_string();
            let place =
                format!("{}:{}", literal::one_line(&text("file")), leg.get("line").unwrap_or(&Json::Null));
            let values = leg.get("values").and_then(Json::as_object).into_iter().flatten();
            let mut about: Vec<String> =
                values.map(|(name, value)| format!("{name} = {}", value.as_str().unwrap_or(""))).collect();
            if let Some(round) = leg.get("round").and_then(Json::as_u64) {
                let round = say!(en "round {number}", es "vuelta {number}", number = round);
                about.insert(0, round.show(self.lang));
            }
            if text("kind") == "thread" {
                let name = text("name");
                about.insert(0, say!(en "thread `{name}`", es "hilo `{name}`", name).show(self.lang));
            }
            let _ = writeln!(
                self.out,
                "<tr><td>{}</td><td>{}</td><td class=\"long\">{}</td></tr>",
                escape(&place),
                escape(&text("text")),
                escape(&about.join(", "))
            );
        }
        self.raw("</tbody></table></div>\n");
    }

    fn sockets(&mut self, standing: &Json) {
        let sockets = standing.get("sockets").and_then(Json::as_array);
        let Some(sockets) = sockets.filter(|sockets| !sockets.is_empty()) else { return };
        self.heading(3, phrase!(en "The sockets as they stood", es "Los sockets, como estaban"));
        let heads = [
            Phrase::same(""),
            phrase!(en "name", es "nombre"),
            phrase!(en "kind", es "tipo"),
            Phrase::same("local"),
            phrase!(en "peer", es "remoto"),
            phrase!(en "state", es "estado"),
            Phrase::same("Recv-Q"),
            Phrase::same("Send-Q"),
            phrase!(en "sent last", es "lo último que envió"),
            phrase!(en "received last", es "lo último que recibió"),
        ];
        self.raw("<div class=\"wide\"><table class=\"mono\"><thead><tr>");
        for head in heads {
            let _ = write!(self.out, "<th>{}</th>", escape(self.say(head)));
        }
        self.raw("</tr></thead><tbody>\n");
        for socket in sockets {
            let cell = |name: &str| match socket.get(name) {
                Some(Json::String(text)) => text.clone(),
                Some(Json::Number(n)) => n.to_string(),
                _ => "-".into(),
            };
            let current = socket.get("current").and_then(Json::as_bool) == Some(true);
            let kind = format!("{} {}", cell("family"), cell("type"));
            let cells = [
                if current { ">".into() } else { String::new() },
                cell("name"),
                kind,
                cell("local"),
                cell("peer"),
                cell("state"),
                cell("recv_q"),
                cell("send_q"),
                self.moved(socket.get("sent")),
                self.moved(socket.get("received")),
            ];
            self.raw("<tr>");
            for cell in cells {
                let long = if cell.contains('"') { " class=\"long\"" } else { "" };
                let _ = write!(self.out, "<td{long}>{}</td>", escape(&cell));
            }
            self.raw("</tr>\n");
        }
        self.raw("</tbody></table></div>\n");
    }

    /// The last bytes that went one way, and how many went.
    fn moved(&self, moved: Option<&Json>) -> String {
        let Some(moved) = moved else { return String::new() };
        let total = moved.get("bytes").and_then(Json::as_u64).unwrap_or(0);
        if total == 0 {
            return String::new();
        }
        let last = moved.get("last");
        let field = |name: &str| last.and_then(|last| last.get(name)).and_then(Json::as_str);
        let bytes = match (field("text"), field("base64")) {
            (Some(text), _) => text.as_bytes().to_vec(),
            (None, coded) => STANDARD.decode(coded.unwrap_or("")).unwrap_or_default(),
        };
        let cut = if total > bytes.len() as u64 { "… " } else { "" };
        format!("{cut}{} ({})", literal::show(&bytes), self.lang.words().count(total, Noun::Byte))
    }

    fn programs(&mut self, standing: &Json) {
        for program in standing.get("programs").and_then(Json::as_array).into_iter().flatten() {
            let text = |name: &str| program.get(name).and_then(Json::as_str).unwrap_or("");
            let status = match program.get("status").and_then(Json::as_i64) {
                Some(code) => say!(en "ended with {code}", es "terminó con {code}", code),
                None => phrase!(en "still running", es "seguía en ejecución").into(),
            };
            let _ = writeln!(
                self.out,
                "<h3>{} <span class=\"mono\">{}</span>: {} <span class=\"mono dim\">{}</span></h3>",
                escape(self.say(phrase!(en "The program", es "El programa"))),
                escape(text("name")),
                escape(&status.show(self.lang)),
                escape(&literal::one_line(text("command")))
            );
            for pipe in ["stdout", "stderr"] {
                if !text(pipe).trim_end().is_empty() {
                    let _ = writeln!(self.out, "<p class=\"mono dim\">{pipe}</p>");
                    self.written(text(pipe));
                }
            }
        }
    }

    /// What was written, of much of it the end.
    fn written(&mut self, text: &str) {
        let text = text.trim_end().replace("\r\n", "\n");
        let from = (text.len().saturating_sub(OUTPUT)..=text.len()).find(|at| text.is_char_boundary(*at));
        let from = from.unwrap_or(0);
        self.pre(&format!("{}{}", if from > 0 { "…\n" } else { "" }, &text[from..]));
    }
}

/// Two texts, with what lies between their common beginning and their common end marked.
fn differing(one: &str, other: &str) -> (String, String) {
    let (a, b): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let begin = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let most = a.len().min(b.len()) - begin;
    let end = a.iter().rev().zip(b.iter().rev()).take(most).take_while(|(a, b)| a == b).count();
    let marked = |text: &[char]| {
        let part = |part: &[char]| escape(&part.iter().collect::<String>());
        let middle = &text[begin..text.len() - end];
        let mark = if middle.is_empty() { String::new() } else { format!("<mark>{}</mark>", part(middle)) };
        format!("{}{mark}{}", part(&text[..begin]), part(&text[text.len() - end..]))
    };
    (marked(&a), marked(&b))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::driver::suite::case::Part;

    #[test]
    fn nothing_that_came_is_markup() {
        let evil = "</pre><script>alert(1)</script><!--&amp;\u{202e}\x1b[31m\"'";
        let mut failed = Attempt::failed(Verdict::Failed, format!("error: {evil}"));
        failed.output = evil.into();
        failed.fault_mut().sides = serde_json::json!([{ "operator": evil, "expected": evil, "got": "x" }]);
        failed.fault_mut().source =
            serde_json::json!([{ "file": evil, "first": 1, "line": 1, "lines": [evil] }]);
        failed.fault_mut().stack =
            serde_json::json!([{ "file": evil, "text": evil, "values": { (evil): evil } }]);
        failed.fault_mut().standing = serde_json::json!({
            "sockets": [{ "name": evil, "sent": { "bytes": 9, "last": { "bytes": 9, "text": evil } } }],
            "programs": [{ "name": evil, "command": evil, "stdout": evil, "stderr": evil }],
        });
        failed.fault_mut().ladder = Some(format!("<svg><title>{evil}</title></svg>"));
        let mut case = Case::new(Path::new(&format!("a/{evil}.sock")));
        (case.head.title, case.head.tags) = (Some(evil.into()), vec![evil.into()]);
        failed.subtests = vec![Part { title: evil.into(), line: None, told: failed.clone() }];
        case.add(vec![failed]);
        let page = write(&Ran { cases: vec![case], ..Ran::default() }, Lang::EN);
        assert_eq!(page.matches("<script").count(), 1, "{page}");
        assert!(!page.contains("<!--") && !page.contains('\x1b') && !page.contains('\u{202e}'), "{page}");
        // Nothing is loaded, and no attribute runs or styles anything.
        for part in ["src=", "http:", "https:", "url(", "@import", "onclick", "style="] {
            assert!(!page.contains(part), "{part}");
        }
    }

    #[test]
    fn where_two_texts_differ_is_marked() {
        for (one, other, want) in [
            ("abcd", "abXd", ("ab<mark>c</mark>d", "ab<mark>X</mark>d")),
            ("aa", "aaa", ("aa", "aa<mark>a</mark>")),
            ("<", ">", ("<mark>&lt;</mark>", "<mark>&gt;</mark>")),
            ("", "", ("", "")),
        ] {
            assert_eq!(differing(one, other), (want.0.to_string(), want.1.to_string()));
        }
    }
}
