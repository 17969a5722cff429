//! The prompt in a real terminal: what a user types, and what happens then.

mod nohup;
mod pty;

use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use nohup::hears_hangup;
use pty::{COOKED, CTRL_C, CTRL_D, EDITING, Term};
use tempfile::TempDir;

const SOCKBOOK: &str = env!("CARGO_BIN_EXE_sockbook");

fn home() -> TempDir {
    tempfile::Builder::new().prefix("sbp").tempdir_in("/tmp").unwrap()
}

fn open(home: &TempDir) -> Term {
    open_with(home, &[])
}

fn open_with(home: &TempDir, vars: &[(&str, &str)]) -> Term {
    let mut term = Term::start(home.path(), &[SOCKBOOK], vars);
    term.expect("`help` lists the commands, Ctrl-D leaves");
    term.prompt();
    term
}

fn leave(mut term: Term) {
    assert_eq!(term.leaves(), 0);
}

/// Ctrl-C while a line runs, and the prompt after it.
fn interrupt(term: &mut Term, line: &str) {
    term.line(line);
    term.send(CTRL_C);
    term.expect("error: interrupted");
    term.prompt();
}

#[test]
fn lines_and_results_are_numbered() {
    let home = home();
    let mut term = open(&home);
    term.run("a, b = socketpair", "Out[1]: a: unix stream ⇄ b: unix stream");
    term.run("a.send hola", "Out[2]: 4 bytes");
    term.run("b.recv", "Out[3]: 4 bytes  \"hola\"");
    term.run("print $_ $_2 ${_3.hex}", "hola 4 686f6c61");
    assert!(term.screen().contains("In [5]:"), "{}", term.screen());
    leave(term);
}

#[test]
fn a_def_may_call_one_that_is_typed_after_it() {
    let home = home();
    let mut term = open(&home);
    // A `def` shows nothing: what it calls may follow, as when a file is pasted line by line.
    term.send("def ask\ranswer 41\r");
    term.line("end");
    term.prompt();
    term.run("ask", "error: NameError: unknown command `answer`");
    term.send("def answer n\rlet m = $n + 1\rprint \"it is ${m}\"\r");
    term.line("end");
    term.prompt();
    term.run("ask", "it is 42");
    // What is near another name, or has no value, is told at once; it may come all the same.
    term.send("def wrong\rprint $later\rprnit 1\r");
    term.run("end", "did you mean `print`?");
    term.line("let later = 7");
    term.prompt();
    term.run("wrong", "unknown command `prnit`");
    assert!(term.screen().contains("unknown name `later`"), "{}", term.screen());
    // What can never be is refused as ever.
    term.send("def never\rrecv nine\r");
    term.run("end", "`nine` is not a number of bytes");
    leave(term);
}

#[test]
fn a_refused_line_uses_its_number_and_the_session_goes_on() {
    let home = home();
    let mut term = open(&home);
    term.run("s = socket inet stream", "Out[1]: s: inet stream");
    term.run("bind localhost nowhere", "\r\n                       ^^^^^^^\r\nerror: ");
    term.run("connect 127.0.0.1 1", "ECONNREFUSED");
    term.run("print ${s.name}", "s");
    assert!(term.screen().contains("In [5]:"), "{}", term.screen());
    leave(term);
}

#[test]
fn open_quotes_blocks_and_backslashes_go_on() {
    let home = home();
    let mut term = open(&home);
    term.send("print \"one\rtwo\"\r");
    term.expect(COOKED);
    term.expect("one\r\ntwo");
    term.prompt();
    term.send("repeat 2\r  print again\rend\r");
    term.expect(COOKED);
    term.expect("again\r\nagain");
    term.prompt();
    term.send("print left \\\rright\r");
    term.expect(COOKED);
    term.expect("left right");
    term.prompt();
    term.send("print <<END\rit's\rEND\r");
    term.expect(COOKED);
    term.expect("it's\r\n");
    term.prompt();
    // Two empty lines end what was opened by mistake.
    term.send("print \"oops\r\r\r");
    term.expect(COOKED);
    term.expect("this quote is never closed");
    term.prompt();
    term.run("print ${_9}", "no value");
    leave(term);
}

#[test]
fn ctrl_c_ends_every_wait_and_the_sockets_live_on() {
    let home = home();
    let mut term = open(&home);
    term.run("l = socket unix stream", "Out[1]");
    term.run("l.bind ./l", "Out[2]");
    term.run("l.listen 0", "");
    interrupt(&mut term, "accept");
    term.run("c = socket unix stream", "Out[5]");
    term.run("c.connect ./l", "Out[6]");
    // The backlog is full now: this one waits.
    term.run("d = socket unix stream", "Out[7]");
    interrupt(&mut term, "d.connect ./l");
    interrupt(&mut term, "c.recv");
    interrupt(&mut term, "sleep 1h");
    term.send("while true\r  let n = 1\rend\r");
    term.expect(COOKED);
    term.send(CTRL_C);
    term.expect("error: interrupted");
    term.prompt();
    interrupt(&mut term, "timeit 1000000 sleep 1m");
    term.run("a, from = l.accept", "Out[13]");
    term.run("a.sendall hola", "");
    term.run("c.recvexact 4", "Out[15]: 4 bytes  \"hola\"");
    term.run("d.connect ./l", "Out[16]");
    leave(term);
}

#[test]
fn ctrl_c_in_the_same_breath_as_enter_leaves_no_wait_behind() {
    let home = home();
    let mut term = open(&home);
    term.run("a, b = socketpair", "Out[1]");
    for round in 0..20 {
        term.send(&format!("a.recv\r{CTRL_C}"));
        term.expect(EDITING);
        term.send(&format!("\u{15}print round {round}.\r"));
        term.expect(&format!("\nround {round}."));
        term.prompt();
    }
    term.run("b.send x", "1 byte");
    term.run("a.recv", "1 byte  \"x\"");
    leave(term);
}

#[test]
fn ctrl_c_at_the_prompt_loses_nothing() {
    let home = home();
    let mut term = open(&home);
    term.run("let n = 42", "");
    for half in ["", "half a li"] {
        term.send(half);
        term.expect(half);
        term.send(CTRL_C);
        term.prompt();
    }
    term.run("print $n", "42");
    assert!(term.screen().contains("In [3]:"), "{}", term.screen());
    leave(term);
}

#[test]
fn ctrl_c_parts_what_was_typed_before_it_from_what_comes_after() {
    let home = home();
    let mut term = open(&home);
    for round in 0..20 {
        term.send("print half");
        term.expect("print half");
        // Whether the line in the middle is read before Ctrl-C is heard, and lost with it, is chance.
        term.send(&format!("{CTRL_C}print after {round}.\r\u{15}print sure {round}.\r"));
        term.expect(&format!("\nsure {round}."));
        term.prompt();
    }
    assert!(!term.raw().contains("\nhalf"), "{}", term.screen());
    leave(term);
}

#[test]
fn a_window_that_changes_hides_no_ctrl_c() {
    let home = home();
    let mut term = open(&home);
    let process = Pid::from_raw(term.process());
    for _ in 0..20 {
        term.send("half");
        term.expect("half");
        kill(process, Signal::SIGWINCH).unwrap();
        kill(process, Signal::SIGINT).unwrap();
        term.prompt();
    }
    term.run("print whole", "\nwhole");
    leave(term);
}

#[test]
fn the_session_can_be_left() {
    let home = home();
    let mut term = open(&home);
    term.send("exit 3\r");
    assert_eq!(term.ends(), 3);
    for (signal, code) in [(Signal::SIGTERM, 143), (Signal::SIGHUP, 129)] {
        if signal == Signal::SIGHUP && !hears_hangup() {
            continue;
        }
        // A Ctrl-C at the same moment does not hide it.
        let mut term = open(&home);
        term.send(&format!("half{CTRL_C}"));
        kill(Pid::from_raw(term.process()), signal).unwrap();
        assert_eq!(term.ends(), code);
        let mut term = open(&home);
        kill(Pid::from_raw(term.process()), signal).unwrap();
        assert_eq!(term.ends(), code);
        let mut term = open(&home);
        term.line("sleep 1h");
        kill(Pid::from_raw(term.process()), signal).unwrap();
        assert_eq!(term.ends(), code);
    }
}

#[test]
fn tab_completes() {
    let home = home();
    std::fs::write(home.path().join("script.sock"), "print from the file\n").unwrap();
    let mut term = open(&home);
    term.run("listener = socket inet stream", "Out[1]");
    term.send("liste\t");
    term.expect("listen");
    term.send("er.getsockn\t\r");
    term.expect("listener.getsockname");
    term.expect("Out[2]: 0.0.0.0:0");
    term.prompt();
    term.send("run scr\t\r");
    term.expect("run script.sock");
    term.expect("\nfrom the file");
    term.prompt();
    term.send("print ${list\t\r");
    term.expect("print ${listener}");
    term.expect("\nlistener");
    term.prompt();
    leave(term);
}

#[test]
fn the_history_is_kept_for_nobody_else() {
    let home = home();
    let mut term = open(&home);
    term.run("print first session", "first session");
    term.run(" print of no interest", "of no interest");
    leave(term);
    let file = home.path().join(".local/state/sockbook/history");
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&file), 0o600);
    assert_eq!(mode(file.parent().unwrap()), 0o700);
    assert!(!std::fs::read_to_string(&file).unwrap().contains("no interest"));
    let mut term = open(&home);
    term.send("\x1b[A\r");
    term.expect("\nfirst session");
    term.prompt();
    leave(term);
}

#[test]
fn a_history_that_cannot_be_kept_is_said_once() {
    let home = home();
    let mut term = Term::start(home.path(), &[SOCKBOOK], &[("SOCKBOOK_HISTORY", "/proc/no/such")]);
    term.expect("warning: the history is not kept");
    term.prompt();
    term.run("print one", "\none");
    term.run("print two", "\ntwo");
    assert_eq!(term.raw().matches("warning").count(), 1);
    leave(term);
}

#[test]
fn lines_typed_ahead_all_run() {
    let home = home();
    let mut term = open(&home);
    term.send("a, b = socketpair\ra.send x\rprint ahead\r");
    term.expect("Out[1]");
    term.expect("Out[2]: 1 byte");
    term.expect("\nahead");
    term.prompt();
    // While a command runs, too.
    term.line("sleep 200ms");
    term.send("print during\r");
    term.expect("\r\nduring");
    term.prompt();
    leave(term);
}

#[test]
fn a_pasted_cell_runs_line_by_line() {
    let home = home();
    let mut term = open(&home);
    term.paste("a, b = socketpair\n# a comment\na.sendall hola\nb.recv\n");
    term.send("\r");
    term.expect("Out[1]: a: unix stream");
    term.expect("In [2]: a.sendall hola");
    term.expect("In [3]: b.recv");
    term.expect("Out[3]: 4 bytes  \"hola\"");
    term.prompt();
    term.paste("print before\nfail \"on purpose\"\nprint after\n");
    term.send("\r");
    term.expect("failed: on purpose");
    term.expect("1 line after it not run");
    term.prompt();
    assert!(term.screen().contains("In [6]:"), "{}", term.screen());
    leave(term);
}

#[test]
fn what_a_peer_sends_cannot_reach_the_terminal() {
    let home = home();
    let mut term = open(&home);
    term.run("a, b = socketpair", "Out[1]");
    term.run("a.sendall \"\\e[31mred\\a\\r\\n\"", "");
    term.run("x = b.recv", "\"\\x1b[31mred");
    term.run("print $x", "red");
    term.run("hexdump $x", "1b 5b 33 31");
    term.run("expect $x == blue", "error");
    term.run("vars", "red");
    assert!(!term.raw().contains("\x1b[31m") && !term.raw().contains('\x07'), "{:?}", term.raw());
    leave(term);
}

#[test]
fn the_prompts_own_words() {
    let home = home();
    let mut term = open(&home);
    term.run("a, b = socketpair", "Out[1]");
    term.run("a.sendall hola", "");
    term.run("b.recv", "Out[3]");
    term.run("sockets", "a ");
    term.run("print ${_3} again", "hola again");
    term.run("conect x", "unknown command");
    term.run("%time print timed", "took ");
    term.run("timeit 20 a.sendall x", "20 rounds: min ");
    term.run("history", "  6! conect x");
    term.run("save out.sock 1-5", "4 lines saved to out.sock");
    let saved = std::fs::read_to_string(home.path().join("out.sock")).unwrap();
    let want = "a, b = socketpair\n#> a: unix stream ⇄ b: unix stream\na.sendall hola\nb.recv\n\
                #> 4 bytes  \"hola\"\nlet out3 = $_\nprint ${out3} again\n#> hola again\n";
    assert_eq!(saved, want);
    term.line("save out.sock");
    term.expect("out.sock exists; overwrite it? [y/N]");
    term.send("n\r");
    term.expect("nothing was saved");
    term.prompt();
    term.run("rerun 1-3", "Out[15]: 4 bytes  \"hola\"");
    term.run("print last", "\nlast");
    term.run("rerun", "In [18]: print last");
    term.run("rerun 5 2-3", "Out[22]: 4 bytes  \"hola\"");
    term.run("run out.sock", "hola again");
    term.run("help save", "usage   save FILE [A-B]");
    term.run("timeit?", "usage   timeit N COMMAND");
    term.run("timeit print x", "needs how many times");
    term.run("help", "At the prompt");
    term.run("reset", "sockets closed, every name forgotten");
    term.run("print $a", "unknown name `a`");
    leave(term);
    let status = std::process::Command::new(SOCKBOOK).arg(home.path().join("out.sock")).status().unwrap();
    assert!(status.success());
}

#[test]
fn a_session_is_saved_replayed_and_red_when_an_answer_is_changed() {
    let home = home();
    let mut term = open(&home);
    term.run("l = socket inet stream", "Out[1]");
    term.run("bind 127.0.0.1 0", "Out[2]: 127.0.0.1:");
    term.run("listen 3", "");
    term.line("peer, who = l.accept &");
    term.prompt();
    term.run("c = socket inet stream", "Out[5]");
    term.run("print port: ${l.local.port}.", "port: ");
    let raw = term.raw();
    let port = raw.rsplit("port: ").find(|t| t.starts_with(|c: char| c.is_ascii_digit())).unwrap();
    let port: String = port.chars().take_while(char::is_ascii_digit).collect();
    term.line(&format!("c.connect 127.0.0.1 {port}"));
    term.expect("Out[4]: peer");
    term.run("wait", "");
    term.run("peer.sendall \"Gracias por conectarte\\n\"", "");
    term.run("conect", "unknown command");
    term.run("c.recv", "23 bytes  \"Gracias por conectarte\\n\"");
    term.run("save s.sock", "saved to s.sock");
    leave(term);
    let path = home.path().join("s.sock");
    let saved = std::fs::read_to_string(&path).unwrap();
    assert!(
        saved.contains("let port2 = ${_.port}\n") && saved.contains("c.connect 127.0.0.1 $port2\n"),
        "{saved}"
    );
    assert!(saved.contains("\nwait\n") && !saved.contains("conect\n"), "{saved}");
    let test = |arguments: &[&str]| {
        let output =
            std::process::Command::new(SOCKBOOK).arg("test").args(arguments).arg(&path).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let (code, out) = test(&[]);
    assert_eq!(code, Some(0), "{out}\n{saved}");
    let changed = saved.replace("Gracias por conectarte\\n\"\nc", "Gracias por todo\\n\"\nc");
    assert_ne!(saved, changed);
    std::fs::write(&path, &changed).unwrap();
    let (code, out) = test(&[]);
    assert_eq!(code, Some(1));
    assert!(out.contains("Gracias por conectarte") && out.contains("Gracias por todo"), "{out}");
    // Blessing changes the answer and nothing else.
    assert_eq!(test(&["--bless"]).0, Some(0));
    let blessed = std::fs::read_to_string(&path).unwrap();
    assert_eq!(
        blessed,
        changed.replace("#> 23 bytes  \"Gracias por conectarte", "#> 17 bytes  \"Gracias por todo")
    );
}

#[test]
fn a_loop_shows_its_results_but_not_without_end() {
    let home = home();
    let mut term = open(&home);
    term.run("a, b = socketpair", "Out[1]");
    term.send("repeat 5000\r  a.send x\r  b.recv\rend\r");
    term.expect("Out[2]: 1 byte  \"x\"");
    term.expect("… and more, which are not shown");
    term.prompt();
    assert_eq!(term.raw().matches("Out[2]").count(), 10);
    leave(term);
}

#[test]
fn a_background_call_leaves_the_prompt_free() {
    let home = home();
    let mut term = open(&home);
    term.run("l = socket unix stream", "Out[1]");
    term.run("l.bind ./l", "Out[2]");
    term.run("l.listen", "");
    term.line("a, from = l.accept &");
    term.prompt();
    // Ctrl-C is about the line that is typed, not about what runs beside it.
    term.send("half");
    term.expect("half");
    term.send(CTRL_C);
    term.prompt();
    term.run("c = socket unix stream", "Out[5]");
    term.line("c.connect ./l");
    term.expect("Out[4]: ");
    term.run("wait", "");
    term.run("a.sendall hola", "");
    term.run("c.recv", "4 bytes  \"hola\"");
    term.line("c.recv &");
    term.prompt();
    term.run("c.close", "");
    // It is told above the line, or before it.
    let told = "· `c.recv &` has failed: recv: EBADF";
    term.until(|screen| screen.contains(told));
    assert!(term.raw().contains(told), "{}", term.screen());
    term.run("wait", "EBADF");
    // What still waits does not keep the session open.
    term.line("l.accept &");
    term.prompt();
    leave(term);
}

#[test]
fn ctrl_c_in_a_call_ends_that_call_alone() {
    let home = home();
    let mut term = open(&home);
    term.run("a, b = socketpair", "Out[1]");
    term.line("b.recv &");
    term.prompt();
    term.send("spawn t\r  sleep 1h\rend\r");
    term.prompt();
    interrupt(&mut term, "sleep 1h");
    // Waiting for it is no part of it either.
    interrupt(&mut term, "wait t");
    term.run("jobs", "b.recv");
    assert!(term.screen().contains("running  spawn t"), "{}", term.screen());
    term.line("a.send hola");
    term.expect("Out[2]: 4 bytes  \"hola\"");
    term.expect("In [8]");
    term.run("print whole", "\nwhole");
    leave(term);
}

#[test]
fn what_an_interrupted_call_had_taken_is_not_lost() {
    let home = home();
    let mut term = open(&home);
    term.run("a, b = socketpair", "Out[1]");
    term.run("a.send hola", "Out[2]");
    // It has what there is, and waits for more.
    term.line("b.recvexact 10");
    term.expect("; Ctrl-C ends it");
    term.send(CTRL_C);
    term.expect("error: interrupted");
    term.prompt();
    assert!(term.screen().contains("what had come is in `$_`: 4 bytes \"hola\""), "{}", term.screen());
    term.run("_", "Out[4]: 4 bytes  \"hola\"");
    term.run("_3", "Out[5]: 4 bytes  \"hola\"");
    term.run("a.send otra", "Out[6]");
    term.run("b.recvexact 10 --timeout 100ms", "what had come is in `$_`: 4 bytes \"otra\"");
    term.run("_", "Out[8]: 4 bytes  \"otra\"");
    // The kernel takes less than all of it.
    term.line("a.sendall --repeat 100000000 x");
    term.expect("; Ctrl-C ends it");
    term.send(CTRL_C);
    term.expect("error: interrupted; ");
    term.expect(" of 100000000 bytes sent");
    term.prompt();
    leave(term);
}

#[test]
fn the_prompt_opens_where_a_script_failed() {
    let home = home();
    std::fs::write(home.path().join("s.sock"), "a, b = socketpair\na.send left\nfail here\n").unwrap();
    let mut term = Term::start(home.path(), &[SOCKBOOK, "run", "-i", "s.sock"], &[]);
    term.expect("failed: here");
    term.prompt();
    term.run("b.recv", "Out[1]: 4 bytes  \"left\"");
    leave(term);
}

#[test]
fn a_simple_terminal_will_do() {
    let home = home();
    let mut term = Term::start(home.path(), &[SOCKBOOK], &[("TERM", "dumb")]);
    term.expect("In [1]: ");
    term.send("a, b = socketpair\n");
    term.expect("Out[1]");
    term.expect("In [2]: ");
    term.send("repeat 2\nprint waiting now\na.recv\nend\n");
    term.expect(": waiting now\r\n");
    term.send(CTRL_C);
    term.expect("interrupted");
    term.expect("In [3]: ");
    term.send(CTRL_C);
    term.expect("In [3]: ");
    term.send("repeat 1\nprint inside\nend\n");
    term.expect("...: ");
    term.expect(": inside\r\n");
    term.expect("In [4]: ");
    assert_eq!(term.leaves(), 0);
    assert!(!term.raw().contains('\x1b'));
}

#[test]
fn ctrl_z_is_nothing_where_no_shell_could_go_on() {
    let home = home();
    let mut term = open(&home);
    term.send("print ha");
    term.expect("print ha");
    term.send("\x1a");
    term.send("lf\r");
    term.expect("\nhalf");
    term.prompt();
    term.line("sleep 100ms");
    term.send("\x1a");
    term.prompt();
    leave(term);
}

#[test]
fn ctrl_z_stops_and_fg_goes_on() {
    let home = home();
    let shell = ["bash", "--norc", "--noprofile", "-i"];
    let mut term = Term::start(home.path(), &shell, &[("PS1", "shell> ")]);
    term.expect("shell> ");
    term.send(&format!("{SOCKBOOK}\r"));
    term.expect("Ctrl-D leaves");
    term.prompt();
    term.run("a, b = socketpair", "Out[1]");
    term.send("print ha");
    term.expect("print ha");
    term.send("\x1a");
    term.expect("Stopped");
    term.expect("shell> ");
    term.send("fg\r");
    term.expect("print ha");
    term.send("lf\r");
    term.expect("\nhalf");
    term.prompt();
    // Ctrl-\ is nothing, at the prompt and in a call.
    term.send("\x1c");
    term.line("a.recv");
    term.send("\x1c");
    term.send("\x1a");
    term.expect("Stopped");
    term.expect("shell> ");
    term.send("fg\r");
    term.expect("sockbook");
    // The shell hands the terminal over a moment after it has said so.
    term.given_away();
    term.send(CTRL_C);
    term.expect("error: interrupted");
    term.prompt();
    term.send("exit\r");
    term.expect("shell> ");
}

#[test]
fn colour_has_one_rule() {
    let home = home();
    std::fs::write(home.path().join("a.sock"), "print hola\n#> hello\n").unwrap();
    for (vars, coloured) in [
        (&[("NO_COLOR", ""), ("TERM", "xterm")][..], true),
        (&[("NO_COLOR", "1"), ("TERM", "xterm")], false),
        (&[("NO_COLOR", ""), ("TERM", "dumb")], false),
    ] {
        // A report, a mistake in a script, a mistake in the command line.
        for (arguments, last) in [
            (&["test", "a.sock"][..], "1 failed"),
            (&["-c", "sockt"], "was run"),
            (&["test", "--bad"], "--help"),
        ] {
            // What else decides: anstream takes a CI's terminal for one that has colours.
            let bare = ["env", "-u", "CI", "-u", "CLICOLOR", "-u", "CLICOLOR_FORCE", SOCKBOOK];
            let mut term = Term::start(home.path(), &[&bare, arguments].concat(), vars);
            term.expect(last);
            assert_eq!(term.raw().contains("\x1b["), coloured, "{arguments:?} {vars:?} {:?}", term.raw());
        }
    }
}

/// Starts a command line of a shell with `$0` as sockbook.
fn shell(home: &TempDir, line: &str) -> Term {
    Term::start(home.path(), &["sh", "-c", line, SOCKBOOK], &[])
}

#[test]
fn output_that_is_lost_ends_the_session_in_order() {
    for (line, typed, code) in [
        ("$0 >/dev/full", "", 1),
        ("($0; echo code $? >&2) | head -1", "print 1\r", 141),
        ("trap : INT; (trap : INT; $0; echo code $? >&2) | head -1", CTRL_C, 141),
        ("trap : INT; (trap : INT; $0; echo code $? >&2) | tee log", CTRL_C, 141),
        ("($0; echo code $? >&2) | cat", CTRL_D, 0),
    ] {
        let home = home();
        let mut term = shell(&home, &format!("{line}; echo code $?"));
        if !typed.is_empty() {
            term.expect("`help` lists the commands");
            term.send(typed);
        }
        if typed == CTRL_C {
            term.expect("^C");
        }
        if code == 141 {
            // The reader may still be there for a line or two.
            while !term.sees("code 141", Duration::from_millis(100)) {
                assert!(term.raw().matches("print 1").count() < 100, "{}", term.screen());
                // A Ctrl-C may have come before the reader was one to end by it.
                if typed == CTRL_C {
                    term.send(CTRL_C);
                }
                term.send("print 1\r");
            }
        } else {
            term.expect(&format!("code {code}"));
        }
        term.ends();
        let raw = term.raw();
        assert!(!raw.contains("panicked"), "{raw}");
        assert_eq!(raw.contains("error: standard output: No space left on device"), code == 1, "{raw}");
    }
}

#[test]
fn standard_error_that_is_lost_costs_the_messages_only() {
    let home = home();
    let mut term = shell(&home, "exec $0 2>/dev/full");
    term.prompt();
    term.run("prnt", "");
    term.run("print hola", "hola");
    term.send(CTRL_D);
    assert_eq!(term.ends(), 0);
}

#[test]
fn what_a_line_shows_stands_before_the_next_prompt() {
    let home = home();
    for line in ["$0 | cat", "$0 2>&1 | cat"] {
        let mut term = shell(&home, line);
        term.expect("leaves\r\nIn [1]: ");
        term.send("print hola\r");
        term.expect("hola\r\nIn [2]: ");
        term.send("a, b = socketpair\r");
        term.expect("Out[2]: a: unix stream");
        term.expect("\r\nIn [3]: ");
        if line.contains("2>&1") {
            term.send("print 1\r");
            term.expect("1\r\nIn [4]: ");
            term.send("print 2 & 3\r");
            term.expect("\r\nerror: ");
            term.expect("In [5]: ");
            term.send("repeat 1\rprint uno\rexpect 1 == 2\rend\r");
            term.expect("uno\r\nIn [5]:3:8  expect 1 == 2\r\n");
            term.expect("In [6]: ");
        }
        assert_eq!(term.leaves(), 0);
    }
}

#[test]
fn long_output_ends_with_ctrl_c() {
    let home = home();
    let mut term = open(&home);
    term.run("set pager off", "");
    term.run("big = pack \">30000000s\" x", "Out[2]");
    for line in [
        "hexdump $big",
        "hexdump --repeat 3000000 \"abcdefghij\"",
        "print $big",
        "repeat 20000\r hexdump 0123456789abcdef\rend",
    ] {
        term.send(&format!("{line}\r"));
        term.expect(COOKED);
        term.expect(if line.starts_with("print") { "\\x00\\x00" } else { "00000000" });
        let before = term.raw().len();
        term.send(CTRL_C);
        term.expect("error: interrupted");
        term.prompt();
        let after = term.raw().len() - before;
        assert!(after < 10_000_000, "{line}: {after} bytes");
    }
    // A value of 30 MB is a row like others.
    let before = term.raw().len();
    term.run("vars", "big");
    assert!(term.raw().len() - before < 4000);
    leave(term);
}

#[test]
fn line_ends_of_the_network_are_line_ends() {
    let home = home();
    let mut term = open(&home);
    term.run("print \"uno\\r\\ndos\\rtres\\x1b[2J\"", "uno\r\ndos\\rtres\\x1b[2J\r\n");
    leave(term);
}

#[test]
fn a_spoilt_history_is_kept_and_drawn_without_harm() {
    let home = home();
    let folder = home.path().join(".local/state/sockbook");
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("history");
    std::fs::write(&file, b"#V2\nprint one\nprint \"two\x1b[31m\xff\xc2\x9b\"\nprint three\n").unwrap();
    let mut term = open(&home);
    assert!(!term.raw().contains("warning"), "{}", term.raw());
    let (up, enter) = ("\x1b[A", "\r");
    term.send(up);
    term.expect("print three");
    term.send(up);
    term.expect(r#"print "two\x1b[31m\xff\u{9b}""#);
    term.send(enter);
    term.expect(COOKED);
    term.expect("two\\x1b[31m\\xff\\u{9b}\r\n");
    term.prompt();
    term.paste("print \"x\x1b[41my\u{9b}\"");
    term.send(enter);
    term.expect(COOKED);
    term.expect("y\\u{9b}\r\n");
    term.prompt();
    let raw = term.raw();
    assert!(!raw.contains("\x1b[31m") && !raw.contains("\x1b[41m") && !raw.contains('\u{9b}'), "{raw:?}");
    leave(term);
    let kept = std::fs::read_to_string(&file).unwrap();
    assert!(kept.contains("print one\n") && kept.contains("print three\n"), "{kept}");
    assert!(kept.ends_with("y\\\\u{9b}\"\n"), "{kept}");
}

#[test]
fn a_file_that_cannot_be_written_is_said_as_every_file_error_is() {
    let home = home();
    let mut term = open(&home);
    term.run("print 1", "1");
    term.run("save missing/x.sock", "error: cannot write missing/x.sock: no such file or directory\r\n");
    leave(term);
}

/// Saves the session in `FILE` (with more words); what the file is then. It passes as a test.
fn saves(term: &mut Term, home: &TempDir, words: &str) -> String {
    let path = home.path().join(words.split(' ').next().unwrap());
    term.run(&format!("save {words}"), "saved to");
    let text = std::fs::read_to_string(&path).unwrap();
    let test = std::process::Command::new(SOCKBOOK).arg("test").arg(&path).output().unwrap();
    assert_eq!(test.status.code(), Some(0), "{text}\n{}", String::from_utf8_lossy(&test.stdout));
    text
}

#[test]
fn what_is_saved_does_what_the_session_did() {
    let home = home();
    std::fs::write(home.path().join("more lines.sock"), "c, d = socketpair\nc.sendall \"from a file\"\n")
        .unwrap();
    let mut term = open(&home);
    term.run("gone = socket", "Out[1]");
    term.run("reset", "1 socket closed");
    term.run("time a, b = socketpair", "took ");
    term.run("%timeit 3 a.sendall abc", "3 rounds");
    term.run("%print percent", "percent");
    term.run("run \"more lines.sock\"", "");
    term.run("b.settimeout 50ms", "");
    term.run("b.recvexact 100", "ETIMEDOUT");
    term.run("x = b.recvexact 100", "ETIMEDOUT");
    term.run("a.sendall left", "");
    term.run("time b.recv", "\"left\"");
    term.run("time sockets", "took ");
    term.run("d.recv", "from a file");
    term.run("history", "x = b.recvexact");
    let want = "a, b = socketpair\n#> a: unix stream ⇄ b: unix stream\nrepeat 3\n    a.sendall abc\nend\nprint percent\n\
                #> percent\nsource \"more lines.sock\"\nb.settimeout 50ms\nfails ETIMEDOUT b.recvexact 100\n\
                a.sendall left\nb.recv\n#> 4 bytes  \"left\"\nd.recv\n#> 11 bytes  \"from a file\"\n";
    assert_eq!(saves(&mut term, &home, "whole.sock"), want);
    let all = saves(&mut term, &home, "all.sock --all");
    assert!(all.contains("\nsockets\n#>") && !all.contains("history") && !all.contains("save"), "{all}");
    std::fs::create_dir(home.path().join("sub")).unwrap();
    let elsewhere = saves(&mut term, &home, "sub/x.sock");
    assert!(
        elsewhere.contains(&format!("source \"{}/more lines.sock\"", home.path().display())),
        "{elsewhere}"
    );
    // Lines that need another are no script, and nothing is written.
    term.line("save part.sock 10-11");
    term.expect("error: unknown socket `a`");
    term.expect("nothing was saved");
    term.prompt();
    assert!(!home.path().join("part.sock").exists());
    leave(term);
}

#[test]
fn a_session_that_goes_on_after_a_script_is_saved_with_it() {
    let home = home();
    std::fs::write(home.path().join("first.sock"), "a, b = socketpair\na.sendall hola\n").unwrap();
    for (arguments, begins) in [
        (&["-i", "first.sock"][..], "source first.sock\n"),
        (&["-i", "-c", "a, b = socketpair", "-c", "a.sendall hola"], "a, b = socketpair\na.sendall hola\n"),
    ] {
        let mut term = Term::start(home.path(), &[&[SOCKBOOK], arguments].concat(), &[]);
        term.prompt();
        term.run("b.recv", "hola");
        let saved = saves(&mut term, &home, "out.sock");
        assert_eq!(saved, format!("{begins}b.recv\n#> 4 bytes  \"hola\"\n"));
        std::fs::remove_file(home.path().join("out.sock")).unwrap();
        leave(term);
    }
    // One that failed is no part of a script, and what needs it is not saved.
    std::fs::write(home.path().join("bad.sock"), "a, b = socketpair\nexpect 1 == 2\n").unwrap();
    let mut term = Term::start(home.path(), &[SOCKBOOK, "-i", "bad.sock"], &[]);
    term.prompt();
    term.run("a.sendall hola", "");
    term.line("save out.sock");
    term.expect("nothing was saved");
    term.prompt();
    leave(term);
}

#[test]
fn what_a_peer_says_in_a_talk_holds_no_secret() {
    let home = home();
    for colour in ["1", ""] {
        let mut term =
            Term::start(home.path(), &[SOCKBOOK, "--secret", "key=hunter-2x"], &[("NO_COLOR", colour)]);
        term.expect("`help` lists the commands, Ctrl-D leaves");
        term.prompt();
        term.line("a, b = socketpair");
        term.prompt();
        // Its two halves come one by one.
        term.send("spawn peer\rb.recvline\rb.send \"first hunt\"\rb.recvline\rb.send \"er-2x last\"\r");
        term.line("end");
        term.prompt();
        term.line("talk a");
        term.expect("leaves");
        term.send("one\r");
        term.expect("← first");
        term.send("two\r");
        term.expect("[secret key] last");
        term.send(CTRL_D);
        term.prompt();
        let raw = term.raw();
        let shown = raw.split("leaves").last().unwrap();
        assert!(!shown.contains("hunt") && !shown.contains("er-2x"), "{shown}");
        assert_eq!(term.leaves(), 0);
    }
}
