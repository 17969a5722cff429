//! What may be spent: instructions and system calls of the start, of a call, of a line, of a socket,
//! held to the budget in `instructions.txt`; and how it grows, in `scaling.rs`.
//!
//! Instructions are counted by valgrind and system calls by strace, so that a busy machine counts the
//! same. What a call or a line costs is the difference between a long script and a short one: the start
//! cancels out. Of a run as a whole it is counted as well where its code lies, in `order.rs`.

#[path = "../common/mod.rs"]
mod common;
mod count;
mod order;
mod scaling;

use std::process::ExitCode;

use count::{Run, each, grouped};

/// The budget: what may be spent at most.
const TABLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/bench/instructions.txt");

/// Threads of a busy machine wake each other more often, never less often than they must.
const TRIES: usize = 5;

/// What is measured: a run, or the difference of two, divided by what the longer does more often.
struct Work {
    what: &'static str,
    run: fn(usize) -> Run,
    /// The short run and the long one; equal if the run as a whole is meant.
    sizes: (usize, usize),
    /// How many units one of `sizes` is.
    units: usize,
}

const fn work(what: &'static str, run: fn(usize) -> Run, sizes: (usize, usize), units: usize) -> Work {
    Work { what, run, sizes, units }
}

const WORK: &[Work] = &[
    work("start", |_| Run::script("# nothing\n"), (1, 1), 1),
    work("small script", |_| Run::script(SMALL), (1, 1), 1),
    work("call in a loop", calls, (1, 500), 4),
    work("connection", connections, (1, 300), 1),
    work("line", lines, (1, 1000), 2),
    work("script of `test`", scripts, (2, 50), 1),
    work("socket", sockets, (1, 500), 1),
];

/// Both ends of a connection, and everything a small test does.
const SMALL: &str = r#"l = socket inet stream
address = l.bind 127.0.0.1 0
l.listen
c = socket inet stream
c.connect 127.0.0.1 ${address.port}
peer, who = l.accept
peer.send "Gracias por conectarte\n"
c.recv 4096
expect $_ == "Gracias por conectarte\n"
c.close
peer.close
l.close
"#;

/// A connection, `a` its one end and `c` the other.
const PAIR: &str = "l = socket inet stream
l.bind 127.0.0.1 0
l.listen
c = socket inet stream
c.connect 127.0.0.1 ${l.local.port}
a = l.accept
";

/// 64 bytes.
const TEXT: &str = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";

fn calls(n: usize) -> Run {
    Run::script(format!(
        "{PAIR}repeat {n}\n  c.send \"{TEXT}\"\n  a.recv 64\n  a.send \"{TEXT}\"\n  c.recv 64\nend\n"
    ))
}

fn connections(n: usize) -> Run {
    Run::script(format!(
        "l = socket inet stream\nl.bind 127.0.0.1 0\nl.listen\nlet port = ${{l.local.port}}\nrepeat {n}\n  \
         c = socket inet stream\n  c.connect 127.0.0.1 $port\n  a = l.accept\n  c.close\n  a.close\nend\n"
    ))
}

fn lines(n: usize) -> Run {
    Run::script(PAIR.to_string() + &format!("a.sendall \"{TEXT}\"\nc.recv 64\n").repeat(n))
}

fn scripts(n: usize) -> Run {
    let names: Vec<String> = (0..n).map(|i| format!("{i:03}.sock")).collect();
    let arguments = ["test", "-j1"].map(String::from).into_iter().chain(names.iter().cloned()).collect();
    Run { arguments, files: names.into_iter().map(|name| (name, SMALL.to_string())).collect(), code: 0 }
}

fn sockets(n: usize) -> Run {
    let opened: String = (0..n).map(|i| format!("n{i} = socket inet dgram\n")).collect();
    let closed: String = (0..n).map(|i| format!("n{i}.close\n")).collect();
    Run::script(opened + &closed)
}

impl Work {
    /// Is the run as a whole meant?
    fn is_whole(&self) -> bool {
        self.sizes.0 == self.sizes.1
    }

    /// What a unit costs, by whatever `count` counts.
    fn cost(&self, count: fn(&Run) -> Result<u64, String>, tries: usize) -> f64 {
        let once = |n| match count(&(self.run)(n)) {
            Ok(n) => n,
            Err(why) => panic!("{}: {why}", self.what),
        };
        let count = |n| (0..tries).map(|_| once(n)).min().unwrap_or_default() as f64;
        let (short, long) = self.sizes;
        if self.is_whole() {
            return count(long);
        }
        (count(long) - count(short)) / ((long - short) * self.units) as f64
    }
}

/// A row of the table, or of what came.
#[derive(Clone, Copy, Default)]
struct Cost {
    instructions: Option<f64>,
    calls: Option<f64>,
    /// Windows of code.
    windows: Option<f64>,
}

/// The table's row.
fn limit(table: &str, what: &str) -> Cost {
    let row = table.lines().find_map(|l| l.strip_prefix(what)?.strip_prefix("  "));
    let mut figures = row.unwrap_or("").split_whitespace().map(|f| f.parse().ok());
    let mut next = || figures.next().flatten();
    Cost { instructions: next(), calls: next(), windows: next() }
}

/// Is a figure within its limit? What is wrong is added to `wrong`.
fn judge(what: &str, of: &str, came: Option<f64>, limit: Option<f64>, wrong: &mut Vec<String>) {
    let Some(came) = came else { return };
    match limit {
        None => wrong.push(format!("{what}: {TABLE} has no limit for the {of}")),
        Some(limit) if came > limit => {
            wrong.push(format!("{what}: {} {of}, and {} is the limit", figure(came), figure(limit)));
        }
        Some(_) => {}
    }
}

/// Small figures with their fractions.
fn figure(n: f64) -> String {
    if n < 1000.0 { format!("{n:.2}") } else { grouped(n) }
}

fn main() -> ExitCode {
    if !count::wanted() {
        return ExitCode::SUCCESS;
    }
    let instructions = count::works(&["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]);
    if instructions && std::env::var_os("BLESS").is_some() {
        let (whole, parts): (Vec<&Work>, Vec<&Work>) = WORK.iter().partition(|work| work.is_whole());
        order::write(&[whole, parts].map(|works| works.iter().map(|work| (work.run)(2)).collect())).unwrap();
    }
    let calls = count::works(&["strace", "-f", "-c", "-e", "trace=!futex", "-o", "/dev/null"]);
    let spent = is_spent_well(instructions, calls);
    println!();
    // Growth is not counted in calls.
    let grown = !instructions || scaling::holds();
    if spent && grown { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Prints what is spent; is all of it within its limit?
fn is_spent_well(instructions: bool, calls: bool) -> bool {
    let work: Vec<&Work> = WORK.iter().filter(|w| count::chosen(w.what)).collect();
    let costs = each(&work, |work| Cost {
        instructions: instructions.then(|| work.cost(Run::instructions, 1)),
        calls: calls.then(|| work.cost(Run::system_calls, TRIES)),
        windows: (instructions && cfg!(ordered) && work.is_whole()).then(|| work.cost(order::windows, 1)),
    });
    let table = std::fs::read_to_string(TABLE).unwrap();
    let show = |n: Option<f64>| n.map_or("-".into(), figure);
    let mut rows = vec![
        ["what", "instructions", "limit", "system calls", "limit", "windows of code", "limit"]
            .map(String::from)
            .to_vec(),
    ];
    let mut wrong = Vec::new();
    for (work, cost) in work.iter().zip(&costs) {
        let limit = limit(&table, work.what);
        rows.push(vec![
            work.what.into(),
            show(cost.instructions),
            show(limit.instructions),
            show(cost.calls),
            show(limit.calls),
            show(cost.windows),
            show(limit.windows),
        ]);
        judge(work.what, "instructions", cost.instructions, limit.instructions, &mut wrong);
        judge(work.what, "system calls", cost.calls, limit.calls, &mut wrong);
        judge(work.what, "windows of code", cost.windows, limit.windows, &mut wrong);
    }
    count::print(&rows);
    wrong.iter().for_each(|line| println!("{line}"));
    wrong.is_empty()
}
