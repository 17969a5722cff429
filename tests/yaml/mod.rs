//! The jobs of CI systems: read as YAML, and their lines of shell run.

#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;
use std::process::{Command, Output};

use yaml_rust2::{Yaml, YamlLoader};

/// The one document of a text.
#[track_caller]
pub fn read(text: &str) -> Yaml {
    let mut documents = YamlLoader::load_from_str(text).unwrap_or_else(|e| panic!("{e}\n{text}"));
    assert_eq!(documents.len(), 1, "one document\n{text}");
    documents.remove(0)
}

/// Every line of shell in a job: `run` of GitHub, `script` of GitLab, `command` of Kubernetes. `with` are words that the
/// system replaces.
pub fn shell(yaml: &Yaml, with: &[(&str, &str)]) -> Vec<String> {
    let mut found = Vec::new();
    gather(yaml, &mut found);
    for line in &mut found {
        for (word, value) in with {
            *line = line.replace(word, value);
        }
    }
    found
}

fn gather(yaml: &Yaml, found: &mut Vec<String>) {
    match yaml {
        Yaml::Array(items) => items.iter().for_each(|item| gather(item, found)),
        Yaml::Hash(fields) => {
            for (key, value) in fields {
                match (key.as_str().unwrap_or(""), value) {
                    ("run", Yaml::String(line)) => found.push(line.clone()),
                    ("script", Yaml::Array(lines)) => {
                        found.extend(lines.iter().filter_map(|line| line.as_str().map(str::to_string)));
                    }
                    ("command", Yaml::Array(words)) => {
                        found.extend(words.last().and_then(Yaml::as_str).map(str::to_string))
                    }
                    _ => gather(value, found),
                }
            }
        }
        _ => {}
    }
}

/// Runs a line of shell in a folder, where `sockbook` is the program.
pub fn run(line: &str, folder: &Path, program: &Path, environment: &[(&str, &str)]) -> Output {
    let path =
        format!("{}:{}", program.parent().unwrap().display(), std::env::var("PATH").unwrap_or_default());
    Command::new("sh")
        .args(["-euc", line])
        .current_dir(folder)
        .env("PATH", path)
        .env_remove("SOCKBOOK_LANG")
        .envs(environment.iter().copied())
        .output()
        .expect("sh runs")
}
