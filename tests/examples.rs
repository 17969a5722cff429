//! Every example of the help runs as it stands.

use std::process::Command;

use sockbook::command::all;
use sockbook::text::forms::FORMS;

#[test]
fn every_example_of_the_help_runs() {
    let rows = all().map(|c| (c.name, c.example));
    let forms = FORMS.iter().map(|f| (f.name, f.example)).filter(|(_, example)| !example.is_empty());
    let mut wrong = Vec::new();
    for (name, example) in rows.chain(forms) {
        let output = Command::new(env!("CARGO_BIN_EXE_sockbook"))
            .args(["--timeout", "1m", "-c", example])
            .output()
            .expect("the binary runs");
        if output.status.code() != Some(0) {
            wrong.push(format!("{name}:\n{example}\n{}", String::from_utf8_lossy(&output.stderr)));
        }
        let first = name.split(' ').next().unwrap();
        assert!(example.contains(first), "the example of {name} does not use it");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
