//! Where the code lies that a run executes: in how many windows of 64 KiB, which is what the kernel maps of a program
//! at a page fault. `src/order.ld` holds them together; `BLESS=1 cargo bench --bench instructions` writes it anew.

use std::collections::BTreeSet;

use crate::count::Run;

/// The linker's script, which names the functions that the runs of this bench execute.
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/order.ld");

const HEAD: &str = "\
/* The functions that a script's run executes, side by side before the others: fewer page faults, less memory.
   Written by `BLESS=1 cargo bench --bench instructions`. A name that is no longer there does no harm. First comes what
   a run of one script needs, then what others do; in each, last, names that stand for many functions. */
SECTIONS {
  .text : {
";
const TAIL: &str = "  }\n}\nINSERT BEFORE .init;\n";

/// How many windows of 64 KiB the run executes code of.
pub fn windows(run: &Run) -> Result<u64, String> {
    let windows: BTreeSet<u64> = run.code()?.into_iter().map(|(at, _)| at >> 16).collect();
    Ok(windows.len() as u64)
}

/// Writes the linker's script from what the runs execute, each group's functions before the next's.
pub fn write(groups: &[Vec<Run>]) -> Result<(), String> {
    let (mut text, mut known) = (HEAD.to_string(), BTreeSet::new());
    for runs in groups {
        let mut patterns = BTreeSet::new();
        for run in runs {
            let names: BTreeSet<String> = run.code()?.into_iter().map(|(_, name)| name).collect();
            patterns.extend(names.iter().filter_map(|name| pattern(name)));
        }
        for (_, pattern) in patterns.difference(&known) {
            text += &format!("    *(.text.{pattern})\n");
        }
        known.append(&mut patterns);
    }
    std::fs::write(SCRIPT, text + TAIL).map_err(|e| e.to_string())
}

/// A function's name without what another compiler or another version names otherwise, its hash and those of its
/// crates, after whether it stands for many functions: those of a generic one are told apart by the hash alone.
fn pattern(name: &str) -> Option<(bool, String)> {
    let name = name.split('\'').next()?.split(".llvm.").next()?;
    if name.starts_with("_R") {
        let hash = regex::Regex::new("Cs[0-9A-Za-z]+_").unwrap();
        return Some((false, format!("{}*", hash.replace_all(name, "Cs*_"))));
    }
    let (path, _) = name.rsplit_once("17h").filter(|_| name.starts_with("_ZN"))?;
    Some((!path.contains("sockbook"), format!("{path}17h*")))
}
