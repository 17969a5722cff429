//! How the cost grows: what one more line, socket, name, thread or script costs when there are few, and
//! when there are ten times as many.
//!
//! Instructions are counted, so that no clock is asked. A unit's cost at n is what n units cost more
//! than a tenth of them, divided by their number: the start cancels out. If the cost grows as the work
//! does, the two are alike; whatever looks through all that is there for each that it adds is not.

use crate::count::{self, Run, each, grouped};

/// The unit may cost so many times more when there are ten times as many.
const MOST: f64 = 1.3;

/// What grows.
struct Work {
    what: &'static str,
    /// The few; the many are ten times as many.
    n: usize,
    run: fn(usize) -> Run,
    most: f64,
}

const fn work(what: &'static str, n: usize, run: fn(usize) -> Run) -> Work {
    Work { what, n, run, most: MOST }
}

/// Something that grows with more than the work, for the reason given: it must not get worse.
const fn steep(most: f64, work: Work) -> Work {
    Work { most, ..work }
}

const WORK: &[Work] = &[
    work("lines", 500, |n| Run::script("let a = 1\n".repeat(n))),
    work("comment lines", 2000, |n| Run::script("# a comment\n".repeat(n))),
    work("blank lines", 2000, |n| Run::script("\n".repeat(n))),
    work("blocks in a row", 200, |n| Run::script("repeat 1\nlet a = 1\nend\n".repeat(n))),
    work("blocks inside one another", 10, |n| {
        Run::script(format!("{}let a = 1\n{}", "repeat 1\n".repeat(n), "end\n".repeat(n)))
    }),
    work("arms of an `if`", 200, |n| {
        Run::script(format!("if 1 == 2\nlet a = 1\n{}end\n", "else if 1 == 2\nlet a = 1\n".repeat(n)))
    }),
    work("words of a line", 500, |n| Run::script(format!("print{}\n", " a".repeat(n)))),
    work("bytes of a word", 10_000, |n| Run::script(format!("let a = {}\n", "a".repeat(n)))),
    work("escapes of a literal", 3000, |n| Run::script(format!("let a = \"{}\"\n", "\\x00".repeat(n)))),
    work("values in a literal", 200, |n| {
        Run::script(format!("let a = 1\nlet b = \"{}\"\n", "${a}".repeat(n)))
    }),
    work("continued lines", 500, |n| Run::script(format!("print{}\n", " \\\n a".repeat(n)))),
    work("lines of a here-document", 1000, |n| {
        Run::script(format!("let a = <<END\n{}END\n", "a line of text\n".repeat(n)))
    }),
    work("here-documents", 200, |n| Run::script("let a = <<END\ntext\nEND\n".repeat(n))),
    work("`def`s, each called", 100, |n| {
        let all = 0..n;
        let defined: String = all.clone().map(|i| format!("def f{i} a\nreturn $a\nend\n")).collect();
        Run::script(defined + &all.map(|i| format!("f{i} 1\n")).collect::<String>())
    }),
    work("files of `source`", 20, |n| {
        let files = (0..n).map(|i| (format!("{i:03}.sock"), "let a = 1\n".to_string()));
        let script: String = (0..n).map(|i| format!("source {i:03}.sock\n")).collect();
        let mut run = Run::script(script);
        run.files.extend(files);
        run
    }),
    work("names", 200, |n| {
        let given: String = (0..n).map(|i| format!("let n{i} = {i}\n")).collect();
        Run::script(given + &(0..n).map(|i| format!("expect $n{i} == {i}\n")).collect::<String>())
    }),
    work("names in `vars`", 100, |n| {
        Run::script((0..n).map(|i| format!("let n{i} = {i}\n")).collect::<String>() + "vars\n")
    }),
    work("rounds of a loop", 1000, |n| Run::script(format!("repeat {n}\nlet a = 1\nend\n"))),
    work("items of a list", 500, |n| {
        Run::script(format!("items = split \"{}\" \",\"\nfor i in $items\nlet a = $i\nend\n", "a,".repeat(n)))
    }),
    work("lines of text", 500, |n| {
        Run::script(format!(
            "let text = \"{}\"\nfor line in ${{text.lines}}\nlet a = $line\nend\n",
            "a line\\n".repeat(n)
        ))
    }),
    work("bytes of a hexdump", 2000, |n| {
        Run::script(format!("let a = \"{}\"\nhexdump $a\n", "0123456789".repeat(n / 10)))
    }),
    // Of a long copy each byte is counted, of a short one each 32: less than an instruction a byte either way.
    steep(
        2.5,
        work("bytes of `recvline`", 1000, |n| {
            Run::script(format!(
                "a, b = socketpair\nb.sendall --repeat {n} x\nb.sendall \"\\n\"\nline = a.recvline\n"
            ))
        }),
    ),
    work("lines of `recvline`", 100, |n| {
        Run::script(format!(
            "a, b = socketpair\nb.sendall --repeat {n} \"a line\\n\"\nrepeat {n}\nline = a.recvline\nend\n"
        ))
    }),
    work("sockets closed in order", 90, |n| Run::script(opened(n) + &closed(0..n))),
    work("sockets closed in reverse", 90, |n| Run::script(opened(n) + &closed((0..n).rev()))),
    work("sockets closed in disorder", 90, |n| Run::script(opened(n) + &closed(shuffled(n)))),
    work("sockets left open", 90, |n| Run::script(opened(n))),
    work("sockets of a loop", 500, |n| {
        Run::script(format!("repeat {n}\ns = socket inet dgram\ns.close\nend\n"))
    }),
    work("sockets in `sockets`", 90, |n| Run::script(opened(n) + "sockets\n")),
    work("sockets in `poll`", 90, |n| {
        let names: String = (0..n).map(|i| format!(" n{i}")).collect();
        Run::script(format!("{}poll{names} --write\n", opened(n)))
    }),
    work("threads one by one", 20, |n| Run::script("spawn t\nlet a = 1\nend\nwait t\n".repeat(n))),
    work("threads of one name", 20, |n| {
        Run::script(format!("repeat {n}\nspawn t\nlet a = 1\nend\nend\nwait\n"))
    }),
    // A thread begins with a copy of all names, and here each thread is one.
    steep(
        1.8,
        work("threads of their own names", 20, |n| {
            let spawned: String = (0..n).map(|i| format!("spawn t{i}\nlet a = 1\nend\n")).collect();
            Run::script(spawned + "wait\n")
        }),
    ),
    // The same: each result has a name.
    steep(
        1.8,
        work("background calls", 20, |n| {
            let begun: String = (0..n).map(|i| format!("r{i} = a.recvfrom 1 &\n")).collect();
            let waits: String = (0..n).map(|i| format!("wait r{i}\n")).collect();
            Run::script(format!("a, b = socketpair unix dgram\n{begun}repeat {n}\nb.send x\nend\n{waits}"))
        }),
    ),
    work("scripts of `test`", 20, |n| {
        let names: Vec<String> = (0..n).map(|i| format!("{i:03}.sock")).collect();
        let arguments = ["test", "-j1"].map(String::from).into_iter().chain(names.iter().cloned());
        let arguments = arguments.collect();
        Run {
            arguments,
            files: names.into_iter().map(|name| (name, "let a = 1\n".into())).collect(),
            code: 0,
        }
    }),
    work("scripts in the reports", 20, |n| {
        let files = (0..n).map(|i| (format!("{i:03}.sock"), "let a = 1\n".into())).collect();
        let arguments =
            ["test", "-j1", "--report", "junit=a", "--report", "json=b", "--report", "tap=c", "."];
        Run { arguments: arguments.map(String::from).to_vec(), files, code: 0 }
    }),
    work("scripts of a folder", 20, |n| {
        let files = (0..n).map(|i| (format!("{i:03}.sock"), "let a = 1\n".into())).collect();
        Run { arguments: ["test", "-j1", "."].map(String::from).to_vec(), files, code: 0 }
    }),
    work("answers of a file", 200, |n| Run::of(&["test", "-j1", "x.sock"], "print a\n#> a\n".repeat(n))),
    work("lines of an answer", 200, |n| {
        let text = format!("print \"{}\"\n", vec!["a"; n].join("\\n"));
        Run::of(&["test", "-j1", "x.sock"], text + &"#> a\n".repeat(n))
    }),
    work("lines under `...`", 200, |n| {
        let text = format!("print \"{}\"\n", vec!["a"; n].join("\\n"));
        Run::of(&["test", "-j1", "x.sock"], text + "#> a\n#> ...\n#> a\n")
    }),
    work("`[..]` of an answer", 200, |n| {
        let text = format!("print \"{}b\"\n", "ab".repeat(n));
        Run::of(&["test", "-j1", "x.sock"], text + &format!("#> {}b\n", "a[..]".repeat(n)))
    }),
    work("answers blessed", 100, |n| Run::of(&["test", "-j1", "--bless", "x.sock"], "print a\n".repeat(n))),
    work("lines of `check`", 200, |n| Run::of(&["check", "x.sock"], "print a\n".repeat(n))),
    work("names of `check`", 100, |n| {
        let text: String = (0..n).map(|i| format!("let n{i} = {i}\nprint \"${{n{i}}}\"\n")).collect();
        Run::of(&["check", "x.sock"], text)
    }),
    work("warnings of `check`", 100, |n| {
        Run::of(&["check", "x.sock"], "let a = 1\nprint \"$a\"\n".repeat(n))
    }),
    work("mistakes of `check`", 20, |n| {
        Run::of(&["check", "x.sock"], "socket inet steam\n".repeat(n)).ends_with(2)
    }),
    work("mistakes of `run`", 20, |n| Run::script("socket inet steam\n".repeat(n)).ends_with(2)),
    // Each is compared with the names, up to a thousand, for the one that was meant.
    steep(
        3.5,
        work("unknown names", 20, |n| {
            let text: String = (0..n).map(|i| format!("let n{i} = 1\nprint $m{i}\n")).collect();
            Run::script(text).ends_with(2)
        }),
    ),
    work("lines of `fmt`", 200, |n| Run::of(&["fmt", "--check", "x.sock"], "print a\n".repeat(n))),
    work("lines of `--echo`", 200, |n| Run::of(&["run", "--echo", "x.sock"], "let a = 1\n".repeat(n))),
    work("lines of `--trace`", 100, |n| {
        Run::of(
            &["run", "--trace", "x.sock"],
            format!("a, b = socketpair\n{}", "a.send x\nb.recv\n".repeat(n)),
        )
    }),
    work("lines of `--format json`", 400, |n| {
        Run::of(&["run", "--format", "json", "x.sock"], "let a = 1\n".repeat(n))
    }),
    work("lines of `-c`", 100, |n| {
        let arguments = (0..n).flat_map(|_| ["-c".to_string(), "let a = 1".to_string()]).collect();
        Run { arguments, ..Run::default() }
    }),
    work("names of `--var`", 100, |n| {
        let vars = (0..n).flat_map(|i| ["--var".to_string(), format!("n{i}={i}")]);
        let arguments = std::iter::once("run".to_string()).chain(vars).chain(["x.sock".to_string()]);
        Run { arguments: arguments.collect(), ..Run::script("let a = 1\n") }
    }),
    work("arguments", 100, |n| {
        let arguments = ["run", "x.sock"].map(String::from).into_iter().chain((0..n).map(|i| i.to_string()));
        Run { arguments: arguments.collect(), ..Run::script("let a = $1\n") }
    }),
];

fn opened(n: usize) -> String {
    (0..n).map(|i| format!("n{i} = socket inet dgram\n")).collect()
}

fn closed(order: impl IntoIterator<Item = usize>) -> String {
    order.into_iter().map(|i| format!("n{i}.close\n")).collect()
}

/// The numbers below `n` in an order of no use to anybody, the same every time.
fn shuffled(n: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..n).collect();
    let mut state = 1u64;
    for at in (1..n).rev() {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        order.swap(at, (state >> 33) as usize % (at + 1));
    }
    order
}

/// Prints what one more costs; does it cost the same when there are many?
pub fn holds() -> bool {
    let work: Vec<&Work> = WORK.iter().filter(|w| count::chosen(w.what)).collect();
    if work.is_empty() {
        return true;
    }
    let runs: Vec<(&Work, usize)> =
        work.iter().flat_map(|&w| [w.n * 10, w.n, w.n / 10].map(|n| (w, n))).collect();
    let counts = each(&runs, |(work, n)| (work.run)(*n).instructions());
    let mut rows = vec![["what", "n", "each", "10 n", "each", "ratio", "limit"].map(String::from).to_vec()];
    let mut said = Vec::new();
    for (work, counts) in work.iter().zip(counts.chunks(3)) {
        let counts: Result<Vec<u64>, &String> = counts.iter().map(|c| c.as_ref().copied()).collect();
        let count: Vec<f64> = match counts {
            Ok(counts) => counts.iter().map(|&c| c as f64).collect(),
            Err(why) => {
                said.push(format!("{}: {why}", work.what));
                continue;
            }
        };
        let few = (count[1] - count[2]) / (work.n - work.n / 10) as f64;
        let many = (count[0] - count[1]) / (work.n * 9) as f64;
        let ratio = many / few;
        rows.push(vec![
            work.what.into(),
            grouped(work.n as f64),
            grouped(few),
            grouped(work.n as f64 * 10.0),
            grouped(many),
            format!("{ratio:.2}"),
            format!("{:.2}", work.most),
        ]);
        if ratio.is_nan() || ratio > work.most {
            said.push(format!("{}: one more costs {ratio:.2} times as much when there are many", work.what));
        }
    }
    count::print(&rows);
    said.iter().for_each(|line| println!("{line}"));
    said.is_empty()
}
