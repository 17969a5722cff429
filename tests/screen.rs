//! The screen while a line is typed: what stands beside, below and above it, at windows of several sizes.

#[allow(dead_code)]
mod pty;

use pty::{CTRL_C, CTRL_D, Term};
use tempfile::TempDir;

const SOCKBOOK: &str = env!("CARGO_BIN_EXE_sockbook");
const UP: &str = "\x1b[A";
const RIGHT: &str = "\x1b[C";
const ESCAPE: &str = "\x1b";

fn home() -> TempDir {
    tempfile::Builder::new().prefix("sbs").tempdir_in("/tmp").unwrap()
}

fn open(home: &TempDir, size: (u16, u16), vars: &[(&str, &str)]) -> Term {
    let mut term = Term::sized(home.path(), home.path(), size, &[SOCKBOOK], vars);
    term.expect("leaves");
    term.expect("In [1]: ");
    term
}

/// Leaves without being asked about what is open.
fn leave(mut term: Term) {
    term.send("exit\r");
    assert_eq!(term.ends(), 0);
}

/// Waits until the screen holds it.
#[track_caller]
fn shows(term: &mut Term, text: &str) {
    term.until(|screen| screen.contains(text));
    assert!(term.screen().contains(text), "no {text:?} on the screen:\n{}", term.screen());
}

/// The lines of the screen in which a text stands.
fn lines_with(term: &Term, text: &str) -> usize {
    term.screen().lines().filter(|line| line.contains(text)).count()
}

#[test]
fn the_sockets_stand_below_the_line_and_go_with_it() {
    for (rows, columns) in [(24, 80), (20, 40)] {
        let home = home();
        let mut term = open(&home, (rows, columns), &[]);
        term.line("a, b = socketpair");
        shows(&mut term, " a CONNECTED │ b CONNECTED");
        let right = if columns == 80 { "In [2]:" } else { "a CONNECTED" };
        shows(&mut term, right);
        term.line("a.sendall hola");
        shows(&mut term, "· b: 4 bytes to receive");
        shows(&mut term, "4 B");
        term.line("b.recv");
        shows(&mut term, "In [4]:");
        shows(&mut term, " a CONNECTED │ b CONNECTED");
        // The lines that are done left nothing behind.
        let all = term.everything();
        assert_eq!(all.iter().filter(|line| line.contains("│")).count(), 1, "{all:?}");
        term.line("set status off");
        shows(&mut term, "In [5]:");
        assert_eq!(lines_with(&term, "│"), 0, "{}", term.screen());
        leave(term);
    }
}

#[test]
fn without_room_or_a_capable_terminal_there_is_only_the_line() {
    for (columns, vars) in [(39, &[][..]), (80, &[("TERM", "dumb")])] {
        let home = home();
        let mut term = open(&home, (20, columns), vars);
        for (at, line) in
            ["a, b = socketpair", "a.send x", "process p sh -c \"exit 3\"", "wait p", "a.recv &", "b.close"]
                .iter()
                .enumerate()
        {
            term.send(&format!("{line}\r"));
            shows(&mut term, &format!("In [{}]:", at + 2));
        }
        // While a line is typed, too: the watcher looks four times a second.
        term.send("print half");
        term.drain(std::time::Duration::from_millis(700));
        let raw = term.raw();
        for absent in ["│", "CONNECTED", "· a:", "· b:"] {
            assert!(!raw.contains(absent), "{absent:?} at {columns} columns:\n{}", term.screen());
        }
        term.send("\r");
        shows(&mut term, "In [8]:");
        leave(term);
    }
    // A window that becomes too narrow loses them, and has them again with the first key when it is wide.
    let home = home();
    let mut term = open(&home, (20, 80), &[]);
    term.line("a, b = socketpair");
    term.prompt();
    shows(&mut term, "│ b CONNECTED");
    term.resize(20, 39);
    term.until(|screen| !screen.contains('│'));
    assert!(!term.screen().contains("CONNECTED"), "{}", term.screen());
    term.resize(20, 80);
    term.send("x");
    shows(&mut term, "│ b CONNECTED");
    leave_after(term, CTRL_C);
}

/// A thread that sends after a moment, while a line is typed.
const LATER: &str = "spawn w\nsleep 400ms\na.sendall hola\nend";

#[test]
fn news_come_above_the_line_that_is_typed() {
    for half in ["print ha", "print 日本ha"] {
        let home = home();
        let mut term = open(&home, (10, 80), &[]);
        term.line("a, b = socketpair");
        term.prompt();
        // To the last row of the window.
        for n in 0..8 {
            term.run(&format!("print row {n}"), &format!("\nrow {n}"));
        }
        term.paste(LATER);
        term.send("\r");
        shows(&mut term, "In [11]:");
        term.send(half);
        shows(&mut term, "· b: 4 bytes to receive");
        shows(&mut term, "b CONNECTED 4 B waiting");
        shows(&mut term, &format!("In [11]: {half}"));
        term.send("lo\r");
        shows(&mut term, &format!("\n{}lo\n", &half[6..]));
        let all = term.everything();
        for n in 0..8 {
            let row = format!("row {n}");
            assert_eq!(all.iter().filter(|line| line.trim_end() == row).count(), 1, "{row}: {all:?}");
        }
        assert_eq!(all.iter().filter(|line| line.contains("· b:")).count(), 1, "{all:?}");
        leave(term);
    }
}

#[test]
fn no_line_is_lost_or_doubled_in_many_notices() {
    let home = home();
    let mut term = open(&home, (12, 80), &[]);
    term.line("a, b = socketpair");
    term.prompt();
    term.paste("spawn w\nlet n = 0\nrepeat 10000\nlet n = $n + 1\nprint note ${n}.\nend\nend");
    term.send("\r");
    term.send("print ha");
    let last = "note 10000.";
    term.until(|screen| screen.contains(last) && screen.contains("print ha"));
    term.send("lo\r");
    shows(&mut term, "\nhalo");
    let all = term.everything();
    let notes: Vec<&String> = all.iter().filter(|line| line.starts_with("note ")).collect();
    let want: Vec<String> = (1..=10_000).map(|n| format!("note {n}.")).collect();
    assert!(notes.iter().map(|line| line.trim_end()).eq(want.iter().map(String::as_str)), "{notes:?}");
    leave(term);
}

#[test]
fn the_line_of_states_follows_the_window() {
    let home = home();
    let mut term = open(&home, (24, 80), &[]);
    term.line("a, b = socketpair");
    term.prompt();
    term.line("c, d = socketpair");
    term.prompt();
    term.send("print half");
    let whole = " a CONNECTED │ b CONNECTED │ c CONNECTED │ d CONNECTED";
    shows(&mut term, whole);
    shows(&mut term, "print half");
    term.resize(24, 50);
    shows(&mut term, "│ d CO…");
    assert_eq!(lines_with(&term, "│"), 1, "{}", term.screen());
    term.resize(24, 100);
    shows(&mut term, whole);
    assert_eq!(lines_with(&term, "│"), 1, "{}", term.screen());
    shows(&mut term, "print half");
    leave_after(term, CTRL_C);
}

fn leave_after(mut term: Term, key: &str) {
    term.caught_up();
    term.send(key);
    term.prompt();
    leave(term);
}

#[test]
fn what_is_wrong_is_told_before_enter_and_stays() {
    let home = home();
    let mut term = open(&home, (24, 80), &[("NO_COLOR", "")]);
    term.type_by_hand("recv nine ");
    shows(&mut term, "`nine` is not a number of bytes");
    assert!(term.raw().contains("\x1b[4m\x1b[31mnine"), "{:?}", term.raw());
    term.type_by_hand("\r");
    term.drain(std::time::Duration::from_millis(300));
    assert!(!term.screen().contains("In [2]"), "{}", term.screen());
    // Mended, it runs; what is sent at once is a line as it is.
    term.type_by_hand("\u{15}print ok\r");
    shows(&mut term, "\nok\n");
    shows(&mut term, "In [2]:");
    term.line("recv nine");
    shows(&mut term, "In [3]:");
    leave(term);
}

#[test]
fn a_refused_line_runs_when_enter_is_pressed_again() {
    let home = home();
    let mut term = open(&home, (24, 80), &[]);
    term.type_by_hand("nonsense x\r");
    shows(&mut term, "unknown command `nonsense`");
    term.type_by_hand("\r");
    shows(&mut term, "In [2]:");
    leave(term);
}

#[test]
fn what_a_word_that_follows_makes_right_is_not_called_wrong() {
    for (lang, wrong) in [("en", ["unknown command", "needs"]), ("es", ["comando desconocido", "requiere"])] {
        let home = home();
        let vars = [("SOCKBOOK_LANG", lang)];
        let mut term = Term::sized(home.path(), home.path(), (24, 80), &[SOCKBOOK], &vars);
        term.prompt();
        for line in ["x ", "a, b", "watch 1s ", "timeit 5 ", "time ", "def ", "fails E ", "try\rprint a"] {
            term.type_by_hand(line);
            let screen = term.screen();
            assert!(!wrong.iter().any(|wrong| screen.contains(wrong)), "{line:?}:\n{screen}");
            assert!(!screen.contains("`except`"), "{line:?}:\n{screen}");
            term.send(CTRL_C);
            term.prompt();
        }
        // With the next word it is wrong.
        term.type_by_hand("x y");
        shows(&mut term, wrong[0]);
        leave_after(term, CTRL_C);
    }
}

#[test]
fn enter_runs_a_whole_block_wherever_the_cursor_is_in_its_last_line() {
    for (settings, back) in [("set keys emacs", "\x1b[D"), ("set keys vi", ESCAPE)] {
        let home = home();
        let mut term = open(&home, (24, 80), &[]);
        term.line(settings);
        shows(&mut term, "In [2]:");
        term.type_by_hand("repeat 2\rprint hi\rend");
        term.send(back);
        // The editor waits for more after an escape.
        term.drain(std::time::Duration::from_millis(300));
        term.type_by_hand("\r");
        shows(&mut term, "hi\nhi\n");
        shows(&mut term, "In [3]:");
        leave(term);
    }
}

#[test]
fn what_is_typed_while_a_line_waits_is_shown_at_the_next_prompt() {
    let home = home();
    let mut term = open(&home, (24, 80), &[]);
    term.line("a, b = socketpair");
    shows(&mut term, "In [2]:");
    term.send("spawn w\rwaitport --timeout 60s ./go\ra.sendall hola\rend\r");
    shows(&mut term, "In [3]:");
    term.line("b.recv");
    shows(&mut term, "recv on b, 1 s; Ctrl-C ends it");
    term.send("print ahead\rprint hal");
    let _go = std::os::unix::net::UnixListener::bind(home.path().join("go")).unwrap();
    shows(&mut term, "In [5]: print hal");
    let screen = term.screen();
    assert!(screen.contains("In [4]: print ahead\nahead\n"), "{screen}");
    assert!(!screen.contains("ends it") && !screen.contains("recv on b"), "{screen}");
    leave_after(term, CTRL_C);
}

#[test]
fn a_long_result_that_is_given_a_name_is_begun() {
    let home = home();
    let mut term = open(&home, (24, 80), &[("PAGER", "echo PAGED; cat")]);
    term.line("big = bytes 3MB");
    shows(&mut term, "In [2]:");
    let screen = term.screen();
    assert!(screen.lines().count() < 9 && screen.contains('…'), "{screen}");
    assert!(!term.raw().contains("PAGED"), "{screen}");
    leave(term);
}

#[test]
fn blocks_indent_themselves() {
    let home = home();
    let mut term = open(&home, (24, 80), &[]);
    term.type_by_hand("repeat 2\r");
    shows(&mut term, "`end` closes `repeat`");
    term.type_by_hand("print hi\r");
    term.type_by_hand("end");
    shows(&mut term, "In [1]: repeat 2\n    print hi\nend");
    // Enter within it is a new line.
    term.send(UP);
    term.drain(std::time::Duration::from_millis(100));
    term.send("\x05");
    term.type_by_hand("\rprint ho");
    shows(&mut term, "In [1]: repeat 2\n    print hi\n    print ho\nend");
    term.send("\x1b[B");
    term.drain(std::time::Duration::from_millis(100));
    term.send("\x05");
    term.type_by_hand("\r");
    shows(&mut term, "hi\nho\nhi\nho");
    term.type_by_hand("print \"open\r");
    shows(&mut term, "the quote is open");
    leave_after(term, CTRL_C);
}

#[test]
fn the_menu_says_what_each_candidate_is() {
    let home = home();
    let mut term = open(&home, (24, 80), &[]);
    term.line("srv = socket inet stream");
    term.prompt();
    term.line("bind 127.0.0.1 0");
    term.prompt();
    term.line("listen");
    term.prompt();
    term.send("srv.\t");
    shows(&mut term, "  accept       take the next connection");
    // It listens: it can neither send nor connect.
    assert!(!term.screen().contains("connect  "), "{}", term.screen());
    term.send("\t\t");
    shows(&mut term, "> close");
    term.send(ESCAPE);
    term.until(|screen| !screen.contains("> close"));
    assert!(!term.screen().contains("> close"), "{}", term.screen());
    term.send("get\t");
    shows(&mut term, "getsockname");
    term.send("\x15connect 127.0.0.1 \t");
    shows(&mut term, "connect 127.0.0.1 ");
    term.send("\x15fails ECONNREFU\t");
    shows(&mut term, "fails ECONNREFUSED ");
    term.send("\x15print ${srv.lo\t}\r");
    shows(&mut term, "\n127.0.0.1:");
    term.send("set keys \t");
    shows(&mut term, "  emacs");
    term.send("\t\t\r");
    shows(&mut term, "set keys vi");
    term.send("\r");
    shows(&mut term, "In [6]:");
    // vi's keys: to the beginning of the line, a word deleted.
    term.send("xx print vi");
    shows(&mut term, "xx print vi");
    term.send(ESCAPE);
    term.drain(std::time::Duration::from_millis(400));
    term.send("0dw\r");
    shows(&mut term, "\nvi\n");
    leave(term);
}

#[test]
fn earlier_lines_come_back_in_several_ways() {
    let home = home();
    let mut term = open(&home, (24, 80), &[("NO_COLOR", "")]);
    for line in ["print first line", "print second", "let n = 41"] {
        term.line(line);
        term.prompt();
    }
    // Behind the cursor in grey, and taken over.
    term.send("print f");
    shows(&mut term, "In [4]: print first line");
    term.send(RIGHT);
    term.send("\r");
    shows(&mut term, "first line\nIn [5]:");
    // Up, of those that begin so.
    term.send("let");
    term.send(UP);
    shows(&mut term, "In [5]: let n = 41");
    term.send("\r");
    shows(&mut term, "In [6]:");
    // The last word of the line before.
    term.send("print \x1b.\r");
    shows(&mut term, "41\nIn [7]:");
    // A list of those in which it occurs.
    term.send("seco\x12");
    shows(&mut term, "> print second");
    term.send("\r");
    shows(&mut term, "In [7]: print second");
    term.send("\r");
    shows(&mut term, "second\nIn [8]:");
    // What is typed at another prompt is there at the next line.
    let mut other = open(&home, (24, 80), &[]);
    other.line("print elsewhere");
    other.prompt();
    other.send(CTRL_D);
    assert_eq!(other.ends(), 0);
    term.line("");
    term.send(UP);
    shows(&mut term, "print elsewhere");
    leave_after(term, CTRL_C);
}

#[test]
fn a_pasted_session_runs_and_its_answers_are_compared() {
    let home = home();
    let mut term = open(&home, (24, 80), &[]);
    term.paste("In [7]: a, b = socketpair\nOut[7]: a: unix stream ⇄ b: unix stream\nIn [8]: a.send x\n#> 1 byte\nIn [9]: a.send xy\n#> 7 bytes\n");
    term.send("\r");
    shows(&mut term, "· the answer was: 7 bytes");
    shows(&mut term, "Out[3]: 2 bytes");
    shows(&mut term, "In [4]:");
    assert_eq!(lines_with(&term, "the answer was"), 1, "{}", term.screen());
    leave(term);
}

#[test]
fn what_is_longer_than_the_window_is_paged() {
    let home = home();
    let mut term = open(&home, (24, 80), &[("PAGER", "sed 's/^/PAGED /'")]);
    term.line("help");
    shows(&mut term, "PAGED ");
    term.prompt();
    term.line("print short");
    shows(&mut term, "\nshort\n");
    term.line("set pager off");
    term.prompt();
    let before = term.raw().matches("PAGED").count();
    term.line("help");
    term.prompt();
    assert_eq!(term.raw().matches("PAGED").count(), before);
    leave(term);
    // A pager that waits for its reader ends with Ctrl-C.
    let mut term = open(&home, (24, 80), &[("PAGER", "cat >/dev/null; echo reading; sleep 1000")]);
    term.line("help");
    term.expect("reading");
    term.send(CTRL_C);
    term.expect("interrupted");
    term.prompt();
    term.run("print alive", "\nalive");
    leave(term);
}

#[test]
fn who_waits_is_told_after_a_while() {
    let home = home();
    let mut term = open(&home, (24, 80), &[]);
    term.line("a, b = socketpair");
    term.prompt();
    // Also within what times and repeats.
    for line in ["b.recv", "time b.recv", "timeit 3 b.recv", "watch 20ms b.recv"] {
        term.line(line);
        shows(&mut term, "recv on b, 1 s; Ctrl-C ends it");
        term.caught_up();
        term.send(CTRL_C);
        term.prompt();
        assert_eq!(lines_with(&term, "recv on b, "), 0, "{line}:\n{}", term.screen());
    }
    // The pause of `watch` is no call of the command's.
    term.line("watch 2s a.gettimeout");
    shows(&mut term, "round 2:");
    assert!(!term.raw().contains("sleep"), "{}", term.screen());
    term.send(CTRL_C);
    term.prompt();
    leave(term);
}

#[test]
fn tables_fit_the_window() {
    for (rows, columns) in [(24, 80), (20, 40)] {
        let home = home();
        let mut term = open(&home, (rows, columns), &[]);
        for line in ["srv = socket inet stream", "bind 127.0.0.1 0", "listen", "cl = socket inet stream"] {
            term.line(line);
            term.prompt();
        }
        term.line("connect 127.0.0.1 ${srv.local.port}");
        term.prompt();
        term.line("sockets");
        shows(&mut term, "tcp");
        shows(&mut term, "In [7]:");
        let screen = term.screen();
        if columns == 80 {
            let row = screen.lines().find(|line| line.starts_with("> cl")).unwrap_or_default();
            assert!(
                row.contains("tcp") && row.contains(" → 127.0.0.1:") && row.contains("ESTABLISHED"),
                "{screen}"
            );
        } else {
            assert!(screen.contains("> cl  tcp  ESTABLISHED\n    127.0.0.1:"), "{screen}");
        }
        leave(term);
    }
}

/// The report of a failure, of `run` and of `test`.
#[test]
fn the_sockets_of_a_failure_fit_the_window() {
    let home = home();
    let script = "srv = socket inet stream\nbind 127.0.0.1 0\nlisten\ncl = socket inet stream\n\
                  connect 127.0.0.1 ${srv.local.port}\nfail no\n";
    std::fs::write(home.path().join("x.sock"), script).unwrap();
    for command in ["run", "test"] {
        let command = [SOCKBOOK, command, "x.sock"];
        let mut term = Term::sized(home.path(), home.path(), (40, 40), &command, &[]);
        shows(&mut term, "fd 4");
        let screen = term.screen();
        assert!(screen.contains("> cl  tcp  ESTABLISHED\n    127.0.0.1:"), "{screen}");
        assert_eq!(term.ends(), 1);
    }
}

#[test]
fn what_the_prompt_looks_at_is_no_part_of_the_trace() {
    let home = home();
    let mut term = open(&home, (24, 80), &[]);
    term.line("a, b = socketpair");
    term.prompt();
    term.line("set trace on");
    term.prompt();
    term.line("a.sendall hola");
    shows(&mut term, "4 B waiting");
    term.drain(std::time::Duration::from_millis(700));
    let raw = term.raw();
    assert!(raw.contains("send(") && !raw.contains("getsockopt(") && !raw.contains("only looking"), "{raw}");
    // An error that waits for its line is not taken by a look.
    term.line("set trace off");
    term.prompt();
    for line in ["l = socket inet stream", "bind 127.0.0.1 0", "listen", "c = socket inet stream"] {
        term.line(line);
        term.prompt();
    }
    term.line("connect 127.0.0.1 ${l.local.port}");
    term.prompt();
    term.line("s, _ = l.accept");
    term.prompt();
    term.line("s.close --reset");
    shows(&mut term, "· c: reset by the peer");
    term.drain(std::time::Duration::from_millis(600));
    term.line("c.recv");
    shows(&mut term, "ECONNRESET");
    shows(&mut term, "In [13]:");
    leave(term);
}

#[test]
fn programs_and_calls_that_end_are_told() {
    let home = home();
    let mut term = open(&home, (24, 80), &[]);
    term.line("process p sh -c \"echo oops >&2; exit 3\"");
    shows(&mut term, "· the program `p` exited with");
    shows(&mut term, "oops");
    term.line("set notify off");
    term.prompt();
    term.line("a, b = socketpair");
    term.prompt();
    term.line("a.send x");
    shows(&mut term, "1 B waiting");
    assert!(!term.screen().contains("· b:"), "{}", term.screen());
    leave(term);
}

#[test]
fn the_line_that_is_given_up_leaves_nothing_below() {
    let home = home();
    let mut term = open(&home, (24, 80), &[]);
    term.line("a, b = socketpair");
    term.prompt();
    for n in 1..=3 {
        term.send("print half");
        term.until(|screen| screen.matches("print half").count() == n);
        term.caught_up();
        term.send(CTRL_C);
        term.prompt();
    }
    shows(&mut term, "│");
    assert_eq!(lines_with(&term, "│"), 1, "{}", term.screen());
    assert_eq!(lines_with(&term, "print half"), 3, "{}", term.screen());
    leave(term);
}
