//! What GitHub Actions is told: what failed, beside its line in a pull request, and a summary of the job.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::driver::suite::case::{Attempt, Case, FLAKY, Ran, Verdict};
use crate::driver::suite::live::Console;
use crate::text::literal::one_line;
use crate::text::secrets::{first, hide};
use crate::words::{Lang, Sentence};

/// Does GitHub Actions run us?
pub fn is_there() -> bool {
    std::env::var_os("GITHUB_ACTIONS").is_some_and(|v| v == "true")
}

/// Where GitHub looks for a file: its path below the repository, which need not be the current folder.
struct Workspace {
    root: Option<PathBuf>,
    here: PathBuf,
}

impl Workspace {
    fn new() -> Workspace {
        let root = std::env::var_os("GITHUB_WORKSPACE").filter(|root| !root.is_empty());
        Workspace { root: root.map(PathBuf::from), here: std::env::current_dir().unwrap_or_default() }
    }

    fn path(&self, path: &str) -> String {
        let whole = crate::engine::straight(&self.here.join(path));
        let inside = |root: &PathBuf| {
            let below = whole.strip_prefix(root).ok().map(Path::to_path_buf);
            // The workspace may be named by a link.
            below.or_else(|| {
                let root = std::fs::canonicalize(root).ok()?;
                std::fs::canonicalize(&whole).ok()?.strip_prefix(root).ok().map(Path::to_path_buf)
            })
        };
        self.root.as_ref().and_then(inside).map_or(path.to_string(), |p| p.to_string_lossy().into_owned())
    }
}

/// A line for each script and each `subtest` that went wrong, and for each script that is flaky.
pub fn annotate(ran: &Ran, console: &mut Console) {
    let workspace = Workspace::new();
    for case in &ran.cases {
        for line in annotations(case, &workspace, console.lang) {
            console.line(&line);
        }
    }
}

fn annotations(case: &Case, workspace: &Workspace, lang: Lang) -> Vec<String> {
    let bad: Vec<_> = case.told.bad_parts().collect();
    if !bad.is_empty() {
        let line = |attempt: &Attempt, title: &str| {
            let title = format!("{}: {title}", attempt.verdict.shown().show(lang));
            annotation("error", case, attempt, &title, workspace)
        };
        let path = case.path.to_string_lossy();
        return bad.iter().map(|part| line(&part.told, &format!("{path} [{}]", part.title))).collect();
    }
    let (level, attempt, word) = match case.flaky() {
        Some(flaky) => ("warning", flaky, FLAKY),
        None if case.verdict().is_bad() => ("error", &case.told, case.verdict().shown()),
        None => return Vec::new(),
    };
    let title = format!("{}: {}", word.show(lang), case.path.to_string_lossy());
    vec![annotation(level, case, attempt, &title, workspace)]
}

fn annotation(level: &str, case: &Case, attempt: &Attempt, title: &str, workspace: &Workspace) -> String {
    let path = case.path.to_string_lossy();
    let (file, line, column) =
        attempt.fault().own_place.as_ref().map_or((&*path, 1, 1), |p| (&*p.file, p.line, p.column));
    // What says most comes first: GitHub folds the rest.
    let text = match attempt.fault().detail.lines().next().unwrap_or("") {
        first if first.ends_with(&attempt.fault().message) => attempt.fault().detail.clone(),
        _ => format!("{}\n\n{}", attempt.fault().message, attempt.fault().detail),
    };
    format!(
        "::{level} file={},line={line},col={column},title={}::{}",
        escaped(&workspace.path(file), true),
        escaped(title, true),
        escaped(&text, false)
    )
}

/// A command's data, or one of its properties.
fn escaped(text: &str, property: bool) -> String {
    let text = hide(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    if property { text.replace(':', "%3A").replace(',', "%2C") } else { text }
}

/// The summary of the job, added to the file that GITHUB_STEP_SUMMARY names; what could not be written.
pub fn summarize(ran: &Ran, lang: Lang) -> Option<Sentence> {
    let path = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty()).map(PathBuf::from)?;
    let text = summary(ran, &Workspace::new(), lang);
    let file = OpenOptions::new().append(true).create(true).open(&path);
    let error = file.and_then(|mut file| file.write_all(hide(&text).as_bytes())).err()?;
    Some(super::unwritten(Sentence::plain(path.display().to_string()), &error))
}

/// GitHub takes no more than 1 MiB of a step's summary.
const MOST_SHOWN: usize = 50;
const MOST_DETAIL: usize = 8 << 10;

fn summary(ran: &Ran, workspace: &Workspace, lang: Lang) -> String {
    let mut out = format!("### sockbook test\n\n{}\n", super::text::numbers(ran, lang));
    let mut rows: Vec<(String, &Attempt)> = Vec::new();
    for case in &ran.cases {
        let path = workspace.path(&case.path.to_string_lossy());
        let bad: Vec<_> = case.told.bad_parts().collect();
        if bad.is_empty() && case.verdict().is_bad() {
            rows.push((path.clone(), &case.told));
        }
        rows.extend(bad.into_iter().map(|part| (format!("{path} [{}]", part.title), &part.told)));
    }
    let flaky: Vec<&Case> = ran.cases.iter().filter(|case| case.is_flaky()).collect();
    for (name, attempt) in rows.iter().take(MOST_SHOWN) {
        let message = html(&one_line(&attempt.fault().message));
        let detail =
            first(&attempt.fault().detail, MOST_DETAIL).unwrap_or_else(|| attempt.fault().detail.clone());
        out.push_str(&format!(
            "\n<details><summary>❌ <b>{}</b>: {message}</summary>\n\n<pre>{}</pre>\n</details>\n",
            html(name),
            // An empty line would end the HTML in Markdown.
            html(&detail).replace("\n\n", "\n&#8203;\n")
        ));
    }
    if rows.len() > MOST_SHOWN {
        let more = say!(en "{n} more failed", es "fallaron {n} más", n = rows.len() - MOST_SHOWN);
        out.push_str(&format!("\n{}\n", more.show(lang)));
    }
    for case in flaky {
        let path = html(&workspace.path(&case.path.to_string_lossy()));
        out.push_str(&format!("\n⚠️ {}: <b>{path}</b>\n", FLAKY.show(lang)));
    }
    let skipped: Vec<String> = ran
        .cases
        .iter()
        .filter_map(|case| match case.verdict() {
            Verdict::Skipped(why) => {
                let path = html(&workspace.path(&case.path.to_string_lossy()));
                Some(format!("- {path}: {}\n", html(&one_line(&why.show(lang)))))
            }
            _ => None,
        })
        .collect();
    if !skipped.is_empty() {
        let head = phrase!(en "Skipped", es "Omitidos").show(lang);
        let lines: String = skipped.into_iter().take(MOST_SHOWN).collect();
        out.push_str(&format!("\n<details><summary>{head}</summary>\n\n{lines}\n</details>\n"));
    }
    out.push('\n');
    out
}

/// Text in HTML within Markdown: nothing in it is a tag, or a mark.
fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '`' | '*' | '_' | '[' | ']' | '|' | '\\' | '~' | '#' | '@' => {
                out.push_str(&format!("&#{};", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::driver::suite::case::{Fault, Part};
    use crate::text::diagnostic::Place;

    fn workspace() -> Workspace {
        Workspace { root: Some("/w".into()), here: "/w/sub".into() }
    }

    #[test]
    fn an_annotation_is_one_line_at_its_place_below_the_workspace() {
        let mut case = Case::new(Path::new("a,b.sock"));
        let own_place = Some(Place { file: "a,b.sock".into(), line: 3, column: 7 });
        let fault = Fault { own_place, ..Fault::told("error: 5%\nmore".into()) };
        let failed = Attempt::of(Verdict::Failed, fault);
        case.add(vec![failed.clone()]);
        assert_eq!(
            annotations(&case, &workspace(), Lang::EN),
            ["::error file=sub/a%2Cb.sock,line=3,col=7,title=failed%3A a%2Cb.sock::error: 5%25%0Amore"]
        );
        case.told.subtests = vec![Part { title: "one".into(), line: None, told: failed }];
        assert_eq!(
            annotations(&case, &workspace(), Lang::EN),
            ["::error file=sub/a%2Cb.sock,line=3,col=7,title=failed%3A a%2Cb.sock [one]::error: 5%25%0Amore"]
        );
        assert_eq!(workspace().path("/elsewhere/x.sock"), "/elsewhere/x.sock");
        assert_eq!(workspace().path("../up.sock"), "up.sock");
    }

    #[test]
    fn a_summary_holds_what_failed_and_no_markup_of_it() {
        let mut case = Case::new(Path::new("t.sock"));
        case.add(vec![Attempt::failed(Verdict::Failed, "error: got <b>*x*\n\nthe rest".into())]);
        let ran = Ran { cases: vec![case], ..Ran::default() };
        let text = summary(&ran, &workspace(), Lang::EN);
        assert!(text.contains("<b>sub/t.sock</b>: got &lt;b&gt;&#42;x&#42;</summary>"), "{text}");
        assert!(!text.split("<pre>").nth(1).unwrap().split("</pre>").next().unwrap().contains("\n\n"));
    }
}
