//! GitHub's annotations: what failed, shown beside its line in a pull request.

use crate::driver::suite::case::{Case, FLAKY, Ran};
use crate::driver::suite::live::Console;
use crate::words::Lang;

/// Does GitHub Actions run us?
pub fn is_there() -> bool {
    std::env::var_os("GITHUB_ACTIONS").is_some_and(|v| v == "true")
}

/// A line for each script that went wrong, and for each that is flaky.
pub fn annotate(ran: &Ran, console: &mut Console) {
    for case in &ran.cases {
        if let Some(line) = annotation(case, console.lang) {
            console.line(&line);
        }
    }
}

fn annotation(case: &Case, lang: Lang) -> Option<String> {
    let (level, attempt) = match &case.flaky {
        _ if case.verdict().is_bad() => ("error", &case.told),
        Some(flaky) if case.is_flaky() => ("warning", flaky),
        _ => return None,
    };
    let path = case.path.to_string_lossy();
    let (file, line, column) =
        attempt.place.as_ref().map_or((&*path, 1, 1), |p| (&*p.file, p.line, p.column));
    let title = if level == "warning" { FLAKY } else { case.verdict().shown() };
    let title = format!("{}: {path}", title.show(lang));
    Some(format!(
        "::{level} file={},line={line},col={column},title={}::{}",
        escaped(file, true),
        escaped(&title, true),
        escaped(&attempt.detail, false)
    ))
}

/// A command's data, or one of its properties.
fn escaped(text: &str, property: bool) -> String {
    let text = text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    if property { text.replace(':', "%3A").replace(',', "%2C") } else { text }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::driver::suite::case::{Attempt, Verdict};
    use crate::text::diagnostic::Place;

    #[test]
    fn an_annotation_is_one_line_at_its_place() {
        let mut case = Case::new(Path::new("a,b.sock"));
        let place = Some(Place { file: "a,b.sock".into(), line: 3, column: 7 });
        case.add(vec![Attempt { place, ..Attempt::failed(Verdict::Failed, "error: 5%\nmore".into()) }]);
        assert_eq!(
            annotation(&case, Lang::EN).unwrap(),
            "::error file=a%2Cb.sock,line=3,col=7,title=failed%3A a%2Cb.sock::error: 5%25%0Amore"
        );
    }
}
