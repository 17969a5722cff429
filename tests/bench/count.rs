//! What a run of the program costs, in instructions and system calls: counted, not timed.

use super::common::is_required;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;

/// A run of the program: its arguments, and the files that it finds in its folder.
#[derive(Default)]
pub struct Run {
    pub arguments: Vec<String>,
    pub files: Vec<(String, String)>,
    /// The exit code that it must have: a run that goes wrong early must not look cheap.
    pub code: i32,
}

impl Run {
    /// A run of one script.
    pub fn script(text: impl Into<String>) -> Run {
        Run::of(&["run", "x.sock"], text)
    }

    /// A run with these arguments, and `x.sock`.
    pub fn of(arguments: &[&str], text: impl Into<String>) -> Run {
        let arguments = arguments.iter().map(|a| a.to_string()).collect();
        Run { arguments, files: vec![("x.sock".into(), text.into())], code: 0 }
    }

    /// The exit code that it must have.
    pub fn ends_with(self, code: i32) -> Run {
        Run { code, ..self }
    }

    /// How many instructions it executes outside the kernel, its threads included.
    pub fn instructions(&self) -> Result<u64, String> {
        let tool = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", "--log-file=log"];
        let log = self.under(&tool)?;
        let found = log.lines().find_map(|l| l.split_once("Collected : "));
        found.and_then(|(_, n)| n.trim().parse().ok()).ok_or(log)
    }

    /// The instructions of the program's own that it executes, each with the function that it belongs to: the address
    /// in the program, and the linker's name. An error where the tool names none of it.
    pub fn code(&self) -> Result<Vec<(u64, String)>, String> {
        let log = self.under(&[
            "valgrind",
            "--tool=callgrind",
            "--callgrind-out-file=log",
            "--dump-instr=yes",
            "--compress-strings=no",
            "--compress-pos=no",
            "--demangle=no",
        ])?;
        let (mut object, mut function, mut code) = ("", "", Vec::new());
        let mut lines = log.lines();
        while let Some(line) = lines.next() {
            if let Some(name) = line.strip_prefix("ob=") {
                object = name;
            } else if let Some(name) = line.strip_prefix("fn=") {
                function = name;
            } else if line.starts_with("calls=") {
                // The call's own instruction is counted in another line.
                lines.next();
            } else if let Some(at) =
                line.strip_prefix("0x").filter(|_| object == env!("CARGO_BIN_EXE_sockbook"))
                && let Some(at) = at.split(' ').next().and_then(|at| u64::from_str_radix(at, 16).ok())
            {
                code.push((at, function.to_string()));
            }
        }
        if code.is_empty() { Err("callgrind names no code of the program".into()) } else { Ok(code) }
    }

    /// How many system calls it makes, its threads included; how often these wait for each other is
    /// the scheduler's business.
    pub fn system_calls(&self) -> Result<u64, String> {
        let log = self.under(&["strace", "-f", "-c", "-e", "trace=!futex", "-o", "log"])?;
        let total = log.lines().rev().find(|l| l.ends_with("total"));
        total.and_then(|l| l.split_whitespace().nth(3)?.parse().ok()).ok_or(log)
    }

    /// Runs under a tool, in a folder of its own and with little around it; what the tool wrote, or
    /// what went wrong.
    fn under(&self, tool: &[&str]) -> Result<String, String> {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in &self.files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let output = bare(tool[0], folder.path())
            .args(&tool[1..])
            .arg(env!("CARGO_BIN_EXE_sockbook"))
            .args(&self.arguments)
            .output()
            .unwrap();
        let log = std::fs::read_to_string(folder.path().join("log")).unwrap_or_default();
        if output.status.code() == Some(self.code) {
            return Ok(log);
        }
        let said = [output.stdout, output.stderr].concat();
        let said: String = String::from_utf8_lossy(&said).chars().take(1000).collect();
        Err(format!("{}, not {}\n{said}", output.status, self.code))
    }
}

/// A command whose cost does not hang on who calls it.
fn bare(program: &str, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder).stdin(std::process::Stdio::null()).env_clear();
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("HOME", "/");
    command
}

/// Is the tool here, and does it work? Where a container forbids ptrace, strace is there and cannot.
pub fn works(tool: &[&str]) -> bool {
    let mut command = bare(tool[0], Path::new("."));
    let works = command.args(&tool[1..]).arg("true").output().is_ok_and(|o| o.status.success());
    assert!(works || !is_required(tool[0]), "{} does not work, and SOCKBOOK_CI names it", tool[0]);
    if !works {
        println!("{} does not work here: what it would count is not checked", tool[0]);
    }
    works
}

/// Does the caller want figures? `cargo test --benches` only asks whether the program can be built.
pub fn wanted() -> bool {
    std::env::args().any(|a| a == "--bench")
}

/// Is this row asked for? `cargo bench --bench instructions -- socket` asks for those that hold the word.
pub fn chosen(what: &str) -> bool {
    let mut words = std::env::args().skip(1).filter(|a| !a.starts_with('-')).peekable();
    words.peek().is_none() || words.any(|word| what.contains(&word))
}

/// Does the jobs, as many at a time as there are cores: counts do not mind who runs beside them.
pub fn each<T: Sync, U: Send>(jobs: &[T], work: impl Fn(&T) -> U + Sync) -> Vec<U> {
    let next = Mutex::new(0..jobs.len());
    let done: Mutex<Vec<Option<U>>> = Mutex::new(jobs.iter().map(|_| None).collect());
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, |n| n.get()) {
            scope.spawn(|| {
                while let Some(at) = { next.lock().unwrap().next() } {
                    let result = work(&jobs[at]);
                    done.lock().unwrap()[at] = Some(result);
                }
            });
        }
    });
    done.into_inner().unwrap().into_iter().map(Option::unwrap).collect()
}

/// Prints rows with their columns in line: the first to the left, the others to the right.
pub fn print(rows: &[Vec<String>]) {
    let widths: Vec<usize> = (0..rows[0].len())
        .map(|at| rows.iter().map(|r| r.get(at).map_or(0, |c| c.chars().count())).max().unwrap_or(0))
        .collect();
    for row in rows {
        let cells: Vec<String> = row
            .iter()
            .zip(&widths)
            .enumerate()
            .map(
                |(at, (cell, &width))| {
                    if at == 0 { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
                },
            )
            .collect();
        println!("{}", cells.join("  ").trim_end());
    }
}

/// `1234567` as `1 234 567`.
pub fn grouped(n: f64) -> String {
    let digits = format!("{n:.0}");
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            out.push(' ');
        }
        out.push(digit);
    }
    out
}
