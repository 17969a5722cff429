//! For people: a line a script as it ends, failures whole, a summary.

use std::time::Duration;

use crate::outcome::count;
use crate::suite::one::{Case, Verdict};
use crate::value::duration_text;

fn millis(d: Duration) -> String {
    duration_text(Duration::from_millis(d.as_millis() as u64))
}

/// The line of a script that has just ended.
pub fn progress(case: &Case) {
    let path = case.path.display();
    let took = millis(case.took);
    match &case.verdict {
        Verdict::Passed if case.blessed => println!("blessed  {path}  {took}"),
        Verdict::Passed => println!("ok       {path}  {took}"),
        Verdict::Failed => println!("FAILED   {path}  {took}"),
        Verdict::Invalid => println!("INVALID  {path}"),
        Verdict::Broken => println!("CUT OFF  {path}  {took}"),
        Verdict::Skipped(why) => println!("skipped  {path}  ({})", crate::literal::one_line(why)),
        Verdict::NotRun => println!("not run  {path}"),
    }
}

/// The failures whole, and the numbers.
pub fn summary(cases: &[Case], took: Duration) {
    for case in cases {
        if case.detail.is_empty() || matches!(case.verdict, Verdict::Passed | Verdict::Skipped(_)) {
            continue;
        }
        println!("\n--- {}", case.path.display());
        println!("{}", case.detail);
        if !case.output.is_empty() {
            println!("\nit printed:\n{}", crate::literal::visible(case.output.trim_end()));
        }
    }
    let of = |verdict: fn(&Verdict) -> bool| cases.iter().filter(|c| verdict(&c.verdict)).count();
    let passed = of(|v| matches!(v, Verdict::Passed));
    let failed = of(|v| matches!(v, Verdict::Failed | Verdict::Invalid | Verdict::Broken));
    let skipped = of(|v| matches!(v, Verdict::Skipped(_)));
    let not_run = of(|v| matches!(v, Verdict::NotRun));
    let mut line = format!("\n{}: {passed} passed, {failed} failed", count(cases.len() as u64, "script"));
    for (n, what) in [(skipped, "skipped"), (not_run, "not run")] {
        if n > 0 {
            line.push_str(&format!(", {n} {what}"));
        }
    }
    println!("{line}  ({})", millis(took));
}
