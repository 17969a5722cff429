//! What people do at a prompt beside typing lines, each in a real terminal: wide, narrow and simple ones.

#[allow(dead_code)]
mod pty;

use pty::{CTRL_C, CTRL_D, Term};
use tempfile::TempDir;

const SOCKBOOK: &str = env!("CARGO_BIN_EXE_sockbook");

const WIDE: (u16, u16) = (24, 80);
const NARROW: (u16, u16) = (20, 40);
const DUMB: &[(&str, &str)] = &[("TERM", "dumb")];

fn home() -> TempDir {
    tempfile::Builder::new().prefix("sbh").tempdir_in("/tmp").unwrap()
}

/// The prompt at a terminal of this size.
fn open(home: &TempDir, size: (u16, u16), vars: &[(&str, &str)]) -> Term {
    let mut term = Term::sized(home.path(), home.path(), size, &[SOCKBOOK], vars);
    term.expect("]: ");
    term
}

/// Types a line and waits for the next prompt, whatever it is that edits.
fn run(term: &mut Term, number: u32, line: &str) {
    term.send(&format!("{line}\r"));
    term.expect(&format!("In [{}]: ", number + 1));
}

/// The last lines on the screen, without the prompt that waits.
fn last(term: &Term, lines: usize) -> Vec<String> {
    let screen = term.screen();
    let shown: Vec<String> = screen.lines().map(|l| l.trim_end().to_string()).collect();
    let end = shown.iter().rposition(|l| l.starts_with("In [")).unwrap_or(shown.len());
    shown[end.saturating_sub(lines)..end].to_vec()
}

#[test]
fn an_error_is_three_lines_below_what_was_typed() {
    for (size, vars) in [(WIDE, &[][..]), (NARROW, &[][..]), (WIDE, DUMB)] {
        let home = home();
        let mut term = open(&home, size, vars);
        run(&mut term, 1, "socket inet steam");
        let want = [
            "In [1]: socket inet steam",
            "                    ^^^^^",
            "error: `steam` is not a socket type",
            "help: did you mean `stream`?",
        ];
        assert_eq!(last(&term, 4), want, "{size:?} {vars:?}");
        run(&mut term, 2, "let n = 1");
        leave(term);
    }
}

fn leave(mut term: Term) {
    assert_eq!(term.leaves(), 0);
}

/// Is this the last that was shown, line by line? `..` stands for any text.
#[track_caller]
fn shows(term: &Term, want: &[&str]) {
    let got = last(term, want.len());
    let fits = |line: &str, want: &str| match want.split_once("..") {
        Some((start, end)) => line.starts_with(start) && line.ends_with(end),
        None => line == want,
    };
    let all = got.len() == want.len() && got.iter().zip(want).all(|(line, want)| fits(line, want));
    assert!(all, "wanted {want:#?}, got {got:#?}; the screen:\n{}", term.screen());
}

#[test]
fn the_cause_names_the_sockets_of_the_session() {
    let home = home();
    let mut term = open(&home, WIDE, &[]);
    run(&mut term, 1, "l = socket unix stream");
    run(&mut term, 2, "l.bind ./l");
    run(&mut term, 3, "c = socket unix stream");
    run(&mut term, 4, "l.accept");
    shows(
        &term,
        &["error: accept4: EINVAL..", "help: `l` has not called `listen`: `l.listen`, then `accept`"],
    );
    run(&mut term, 5, "l.listen");
    run(&mut term, 6, "c.connect ./l");
    run(&mut term, 7, "c.accept");
    shows(
        &term,
        &["        ^^^^^^^^", "error: accept4: EINVAL..", "help: `c` is connected; `l` listens: `l.accept`"],
    );
    run(&mut term, 8, "l.recv");
    shows(&term, &["help: `l` listens and carries no data; `c` is connected: `c.recv`"]);
    leave(term);
}

#[test]
fn a_name_with_a_question_mark_is_told_about() {
    for (size, vars) in [(WIDE, &[][..]), (NARROW, &[][..]), (WIDE, DUMB)] {
        let home = home();
        let mut term = open(&home, size, vars);
        run(&mut term, 1, "a, b = socketpair");
        run(&mut term, 2, "a.send hola");
        run(&mut term, 3, "data = b.recv");
        run(&mut term, 4, "data?");
        // What is too long for its row goes on below itself.
        let length: &[&str] = match size == NARROW {
            true => &["  length   4 bytes; UTF-8, 4 characters,", "           1 line"],
            false => &["  length   4 bytes; UTF-8, 4 characters, 1 line"],
        };
        let rest = &["  value    \"hola\"", "  made by  In [3]: data = b.recv"];
        shows(&term, &[&["data: bytes"], length, rest].concat());
        run(&mut term, 5, "b?");
        let screen = term.screen();
        assert!(screen.contains("b: unix stream, fd "), "{screen}");
        assert!(screen.contains("made by  In [1]: a, b = socketpair"), "{screen}");
        // A command of that name comes first.
        run(&mut term, 6, "use?");
        assert!(term.screen().contains("make a socket the current one"), "{}", term.screen());
        leave(term);
    }
}

#[test]
fn the_history_is_searched_and_shows_what_lines_showed() {
    let home = home();
    let mut term = open(&home, WIDE, &[]);
    run(&mut term, 1, "print Hola mundo");
    run(&mut term, 2, "print adios");
    run(&mut term, 3, "history /hola M/");
    shows(&term, &["In [3]: history /hola M/", "  1  print Hola mundo"]);
    run(&mut term, 4, "history -o 1-2");
    shows(&term, &["  1  print Hola mundo", "     #> Hola mundo", "  2  print adios", "     #> adios"]);
    leave(term);
}

#[test]
fn the_table_of_the_sockets_is_remembered_line_by_line() {
    for vars in [&[][..], DUMB] {
        let home = home();
        let mut term = open(&home, WIDE, vars);
        run(&mut term, 1, "a, b = socketpair");
        run(&mut term, 2, "a.send hola");
        run(&mut term, 3, "b.close");
        run(&mut term, 4, "sockets 2");
        let rows = last(&term, 2);
        assert!(rows[1].contains("b ") && rows[1].contains("CONNECTED"), "{rows:?}");
        run(&mut term, 5, "sockets 2-3");
        shows(
            &term,
            &[
                "In  name  change..line",
                "2   b     4 bytes to be received..a.send hola",
                "3   a     end of stream..b.close",
                "3   a     error pending..b.close",
                "3   b     closed..b.close",
            ],
        );
        run(&mut term, 6, "sockets 77");
        shows(
            &term,
            &["error: LookupError: the prompt has seen no line `In [77]`", "help: `history` lists the lines"],
        );
        // No trace has the looks.
        run(&mut term, 7, "set trace on");
        run(&mut term, 8, "print traced");
        shows(&term, &["In [8]: print traced", "traced"]);
        leave(term);
    }
}

/// A line, and what it shows in English and in Spanish.
const ANSWERS: &[(&str, [&str; 2])] = &[
    (
        "watch sockets",
        ["needs a time between two rounds, like `watch 1s sockets`", "requiere un tiempo entre"],
    ),
    ("watch 1s", ["`watch` needs a command", "`watch` requiere un comando"]),
    ("time", ["`time` needs a command", "`time` requiere un comando"]),
    ("timeit 0 sockets", ["`timeit` needs at least 1 round", "`timeit` requiere al menos 1 ronda"]),
    (
        "timeit 5000000000 sockets",
        ["needs at most 4294967295 rounds", "requiere 4294967295 rondas como máximo"],
    ),
    ("set status", ["status   on     the sockets below", "status  on     los sockets bajo"]),
    ("sockets 2-9", ["the prompt has seen no line `In [9]`", "el prompt no ha visto ninguna línea `In [9]`"]),
    ("sockets 9-5", ["`9-5` is no range: 9 comes after 5", "`9-5` no es un rango: 9 viene después de 5"]),
    ("history 9-5", ["`9-5` is no range: 9 comes after 5", "`9-5` no es un rango: 9 viene después de 5"]),
    ("history -g /x/", ["`history` has no option `-g`", "`history` no tiene la opción `-g`"]),
    ("help $data", ["and this is a value", "y esto es un valor"]),
    ("save .", [". is a folder", ". es una carpeta"]),
    ("fails Nosuch recv", ["`Nosuch` is not the name of an error", "`Nosuch` no es el nombre de un error"]),
    ("a, b = socketpair", ["a: unix stream", "a: unix stream"]),
    ("a.sendall hola", ["", ""]),
    (
        "save part.sock 15-15",
        [
            "In [14] makes `a`, and it is not among these lines",
            "In [14] crea `a`, y no está entre estas líneas",
        ],
    ),
    // Python too, of which nothing has a line: the mistake is sockbook's.
    ("send(a, \"hola\")", ["write `a.send \"hola\"`", "escribe `a.send \"hola\"`"]),
    ("z = a.state", ["write `let z = $a.state`", "escribe `let z = $a.state`"]),
];

#[test]
fn what_is_wrong_at_the_prompt_says_what_to_do() {
    for at in [0, 1] {
        let home = home();
        let lang = if at == 0 { "en" } else { "es" };
        let mut term = open(&home, (40, 110), &[("SOCKBOOK_LANG", lang)]);
        for (number, (line, shows)) in (1..).zip(ANSWERS) {
            term.caught_up();
            run(&mut term, number, line);
            assert!(term.screen().contains(shows[at]), "{line}: {}", term.screen());
        }
        // No advice that is none here.
        run(&mut term, 19, "clear");
        run(&mut term, 20, "help nosuch");
        run(&mut term, 21, "print $nosuch");
        let screen = term.screen();
        assert!(!screen.contains("ESRCH") && !screen.contains("--var"), "{screen}");
        assert!(!home.path().join("part.sock").exists());
        leave(term);
    }
}

#[test]
fn a_line_that_shows_a_value_is_saved_as_it_is_typed() {
    let home = home();
    let mut term = open(&home, WIDE, &[]);
    run(&mut term, 1, "a, b = socketpair");
    run(&mut term, 2, "a.state");
    run(&mut term, 3, "_2");
    run(&mut term, 4, "save f.sock");
    shows(&term, &["In [4]: save f.sock", "3 lines saved to f.sock"]);
    leave(term);
    let saved = std::fs::read_to_string(home.path().join("f.sock")).unwrap();
    assert!(saved.contains("a.state\n#> 9 bytes  \"CONNECTED\"\nlet out2 = $_\nout2\n"), "{saved}");
    let tested = std::process::Command::new(SOCKBOOK).arg("test").arg(home.path().join("f.sock")).output();
    assert!(tested.unwrap().status.success(), "{saved}");
}

#[test]
fn ctrl_c_is_a_no_to_what_ctrl_d_asks() {
    let home = home();
    let mut term = open(&home, WIDE, &[]);
    run(&mut term, 1, "a, b = socketpair");
    for _ in 0..2 {
        term.send(CTRL_D);
        term.expect("Ctrl-D again leaves");
        term.prompt();
        term.send(CTRL_C);
        term.prompt();
    }
    leave(term);
}

#[test]
fn what_is_watched_is_laid_out_as_it_is_alone() {
    for size in [WIDE, NARROW] {
        let home = home();
        let mut term = open(&home, size, &[]);
        run(&mut term, 1, "l = socket inet stream");
        run(&mut term, 2, "bind 127.0.0.1 0");
        run(&mut term, 3, "listen");
        run(&mut term, 4, "c = socket inet stream");
        run(&mut term, 5, "connect 127.0.0.1 ${l.local.port}");
        run(&mut term, 6, "clear");
        run(&mut term, 7, "sockets");
        let alone = term.screen();
        let alone: Vec<&str> = alone.lines().skip(1).take_while(|line| !line.starts_with("In [")).collect();
        assert!(alone.iter().any(|line| line.contains("ESTABLISHED")), "{alone:?}");
        run(&mut term, 8, "clear");
        term.send("watch 20ms sockets\r");
        term.until(|screen| screen.contains("round 3:"));
        // It is drawn anew each time: a look may come between its rows.
        let table = alone.join("\n");
        term.until(|screen| {
            screen.contains(&table) && screen.replace('\n', " ").contains("(Ctrl-C ends it)")
        });
        term.send(CTRL_C);
        term.expect("In [10]: ");
        leave(term);
    }
}

#[test]
fn a_line_is_edited_in_the_users_editor() {
    for (size, vars) in [(WIDE, &[][..]), (NARROW, &[][..]), (WIDE, DUMB)] {
        let home = home();
        let script = home.path().join("editor");
        std::fs::write(&script, "#!/bin/sh\nsed -i s/uno/dos/ \"$1\"\nprintf 'print tres\\n' >> \"$1\"\n")
            .unwrap();
        let vars: Vec<_> =
            vars.iter().copied().chain([("VISUAL", "sh ./editor"), ("EDITOR", "false")]).collect();
        let mut term = open(&home, size, &vars);
        run(&mut term, 1, "print uno");
        term.send("edit 1\r");
        term.expect("In [5]: ");
        shows(&term, &["In [2]: edit 1", "In [3]: print dos", "dos", "In [4]: print tres", "tres"]);
        run(&mut term, 5, "edit 77");
        shows(&term, &["error: there is no such line; `history.."]);
        // The lines that came of it stand after it.
        run(&mut term, 6, "history 2-4");
        shows(&term, &["  2  edit 1", "  3  print dos", "  4  print tres"]);
        leave(term);
    }
}

#[test]
fn an_editor_that_fails_or_changes_nothing_runs_nothing() {
    let home = home();
    let mut term = open(&home, WIDE, &[("EDITOR", "true")]);
    run(&mut term, 1, "print uno");
    run(&mut term, 2, "edit");
    shows(&term, &["nothing was changed, so nothing was run"]);
    leave(term);
    let mut term = open(&home, WIDE, &[("EDITOR", "./no-such-editor")]);
    run(&mut term, 1, "edit");
    shows(
        &term,
        &["error: `./no-such-editor`: no such file or directory; VISUAL or EDITOR names the editor"],
    );
    leave(term);
    // Ctrl-C is the editor's.
    let mut term = open(&home, WIDE, &[("EDITOR", "sh -c 'echo begun; exec sleep 1000'")]);
    term.send("edit\r");
    term.expect("begun");
    term.send("\x03");
    term.expect("In [2]: ");
    run(&mut term, 2, "print sane");
    shows(&term, &["In [2]: print sane", "sane"]);
    leave(term);
}

#[test]
fn a_command_is_watched_until_ctrl_c() {
    for (size, vars) in [(WIDE, &[][..]), (NARROW, &[][..]), (WIDE, DUMB)] {
        let home = home();
        let mut term = open(&home, size, vars);
        run(&mut term, 1, "a, b = socketpair");
        term.send("watch 20ms a.send x\r");
        term.expect("round 3");
        term.send("\x03");
        term.expect("In [3]: ");
        run(&mut term, 3, "watch 20ms b.recv --dontwait");
        let screen = term.screen();
        assert!(screen.contains("EAGAIN"), "a failure ends it:\n{screen}");
        run(&mut term, 4, "watch soon a.send x");
        assert!(term.screen().contains("`watch` needs a time"), "{}", term.screen());
        leave(term);
    }
}

#[test]
fn what_is_drawn_in_place_leaves_no_line_behind() {
    let home = home();
    let mut term = open(&home, WIDE, &[]);
    run(&mut term, 1, "a, b = socketpair");
    term.send("watch 10ms sockets\r");
    term.expect("round 9:");
    term.send("\x03");
    term.expect("In [3]: ");
    let screen = term.screen();
    assert_eq!(screen.matches("every 10ms").count(), 1, "{screen}");
    leave(term);
}

#[test]
fn a_conversation_becomes_lines_and_a_test() {
    for (size, vars) in [(WIDE, &[][..]), (NARROW, &[][..]), (WIDE, DUMB)] {
        let home = home();
        let mut term = open(&home, size, vars);
        run(&mut term, 1, "a, b = socketpair");
        run(&mut term, 2, "b.sendall \"hola \\x1b[31m\\n\"");
        term.send("talk a\r");
        term.expect("Ctrl-D");
        term.expect("hola \\x1b[31m");
        term.send("buenas\r");
        if vars.is_empty() {
            term.expect("→ buenas");
            // A key changes to hex, and is no part of the line.
            term.send("\x18");
        } else {
            term.expect("buenas");
        }
        term.send("\x04");
        term.expect("said: In [4-5]");
        term.expect("In [6]: ");
        run(&mut term, 6, "b.recv");
        shows(&term, &["Out[6]: 7 bytes  \"buenas\\n\""]);
        run(&mut term, 7, "save t.sock");
        let saved = std::fs::read_to_string(home.path().join("t.sock")).unwrap();
        assert!(
            saved.contains("a.recvexact 11\n#> 11 bytes  \"hola \\x1b[31m\\n\"\na.sendall \"buenas\\n\"\n"),
            "{saved}"
        );
        assert!(!term.raw().contains("hola \x1b[31m"), "the peer's bytes reached the terminal");
        run(&mut term, 8, "b.close");
        // The end of the other side ends it.
        term.send("talk a\r");
        term.expect("In [11]: ");
        assert!(term.screen().contains("the peer sends no more"), "{}", term.screen());
        run(&mut term, 11, "talk nobody");
        shows(&term, &["error: there is no open socket `nobody`"]);
        leave(term);
        let test = std::process::Command::new(SOCKBOOK)
            .args(["test", "t.sock"])
            .env("SOCKBOOK_LANG", "en")
            .current_dir(home.path())
            .output()
            .unwrap();
        assert!(test.status.success(), "{}", String::from_utf8_lossy(&test.stdout));
    }
}

#[test]
fn what_the_user_keeps_is_there_in_the_next_session() {
    let home = home();
    let folder = home.path().join(".config/sockbook");
    let mut term = open(&home, WIDE, &[]);
    run(&mut term, 1, "set format hex");
    run(&mut term, 2, "set --keep");
    shows(&term, &["kept in ../.config/sockbook/settings.sock"]);
    leave(term);
    std::fs::write(folder.join("init.sock"), "def greet WHO\n    print hola $WHO\nend\n").unwrap();
    let mut term = open(&home, WIDE, &[]);
    run(&mut term, 1, "greet mundo");
    shows(&term, &["In [1]: greet mundo", "hola mundo"]);
    run(&mut term, 2, "set");
    assert!(last(&term, 10).iter().any(|line| line.starts_with("format   hex")), "{}", term.screen());
    run(&mut term, 3, "save s.sock 1");
    leave(term);
    let saved = std::fs::read_to_string(home.path().join("s.sock")).unwrap();
    assert!(saved.starts_with("source ") && saved.contains("init.sock\ngreet mundo\n"), "{saved}");
    // What is wrong with it is told, and the prompt opens.
    std::fs::write(folder.join("init.sock"), "recv nine\n").unwrap();
    let mut term = open(&home, WIDE, &[]);
    assert!(term.screen().contains("init.sock:1:6"), "{}", term.screen());
    run(&mut term, 1, "print open");
    shows(&term, &["In [1]: print open", "open"]);
    leave(term);
    let mut term = Term::sized(home.path(), home.path(), WIDE, &[SOCKBOOK, "--no-init"], &[]);
    term.expect("In [1]: ");
    assert!(!term.screen().contains("init.sock"), "{}", term.screen());
    leave(term);
}

#[test]
fn ctrl_d_asks_once_where_something_is_open() {
    for vars in [&[][..], DUMB] {
        let home = home();
        let mut term = open(&home, WIDE, vars);
        run(&mut term, 1, "a, b = socketpair");
        run(&mut term, 2, "a.recv &");
        term.send(CTRL_D);
        term.expect("still open or running: a, b, `a.recv &`; Ctrl-D again leaves");
        term.expect("In [3]: ");
        // Another line, and it is asked again.
        run(&mut term, 3, "print here");
        term.send(CTRL_D);
        term.expect("Ctrl-D again leaves");
        term.expect("In [4]: ");
        term.send(CTRL_D);
        assert_eq!(term.ends(), 0);
        let mut term = open(&home, WIDE, vars);
        run(&mut term, 1, "socket");
        term.send(CTRL_D);
        assert_eq!(term.ends(), 0);
    }
}

#[test]
fn a_file_that_a_line_sources_is_read_by_the_session() {
    let home = home();
    std::fs::write(home.path().join("x.sock"), "print inside\n").unwrap();
    let mut term = open(&home, WIDE, &[]);
    run(&mut term, 1, "set trace on");
    for (number, line) in [(2, "source x.sock"), (3, "run x.sock")] {
        run(&mut term, number, line);
        let shown = term.screen();
        let after = shown.rsplit(line).next().unwrap_or_default();
        assert!(after.contains("open(") && after.contains("x.sock") && after.contains("inside"), "{shown}");
    }
    leave(term);
}

#[test]
fn a_file_that_is_saved_is_the_old_one_or_the_new_one() {
    let home = home();
    let mut term = open(&home, WIDE, &[]);
    run(&mut term, 1, "print uno");
    run(&mut term, 2, "set trace on");
    term.send("save t.sock 1\r");
    // The door's observers see it made beside, and put in its place.
    term.expect("rename(");
    term.expect("In [4]: ");
    run(&mut term, 4, "set trace off");
    run(&mut term, 5, "save ./no/such.sock 1");
    shows(&term, &["error: cannot write ./no/such.sock: no such file or directory"]);
    let files: Vec<_> = std::fs::read_dir(home.path()).unwrap().flatten().map(|e| e.file_name()).collect();
    assert!(!files.iter().any(|name| name.to_string_lossy().ends_with('~')), "{files:?}");
    leave(term);
}

/// The screen as a picture: each run of cells in its colour, on a dark ground.
fn picture(screen: &vt100::Screen) -> String {
    const WIDTH: f32 = 8.4;
    const HEIGHT: u16 = 19;
    let colour = |colour: vt100::Color, bold: bool| match colour {
        vt100::Color::Idx(1 | 9) => "#ff6b68",
        vt100::Color::Idx(2 | 10) => "#7ec27e",
        vt100::Color::Idx(3 | 11) => "#d8b45a",
        vt100::Color::Idx(4 | 12) => "#6d9eeb",
        vt100::Color::Idx(5 | 13) => "#c58fd8",
        vt100::Color::Idx(6 | 14) => "#62b6c4",
        vt100::Color::Idx(8) => "#8a8f98",
        _ if bold => "#ffffff",
        _ => "#d6d8dc",
    };
    let (rows, columns) = screen.size();
    let (rows, columns) = (rows.get(), columns.get());
    let used = (0..rows).rev().find(|row| !screen.contents_between(*row, 0, *row, columns).trim().is_empty());
    let rows = used.map_or(1, |row| row + 1);
    let (wide, high) = (f32::from(columns) * WIDTH + 24.0, rows * HEIGHT + 24);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{wide:.0}\" height=\"{high}\" \
         font-family=\"ui-monospace, SFMono-Regular, Menlo, Consolas, monospace\" font-size=\"14\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"#1d2026\"/>\n"
    );
    for row in 0..rows {
        let mut column = 0;
        while column < columns {
            let Some(first) = screen.cell(row, column) else { break };
            let style = (first.fgcolor(), first.bold(), first.dim(), first.inverse());
            let (start, mut text) = (column, String::new());
            while let Some(cell) = screen
                .cell(row, column)
                .filter(|c| column < columns && (c.fgcolor(), c.bold(), c.dim(), c.inverse()) == style)
            {
                text.push_str(if cell.contents().is_empty() { " " } else { cell.contents() });
                column += 1;
            }
            if text.trim().is_empty() {
                continue;
            }
            let text = text.trim_end().replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            let fill = if style.2 { "#8a8f98" } else { colour(style.0, style.1) };
            let weight = if style.1 { " font-weight=\"bold\"" } else { "" };
            let (x, y) = (12.0 + f32::from(start) * WIDTH, 12 + row * HEIGHT + 14);
            out.push_str(&format!(
                "<text x=\"{x:.1}\" y=\"{y}\" fill=\"{fill}\"{weight} xml:space=\"preserve\">{text}</text>\n"
            ));
        }
    }
    out + "</svg>\n"
}

#[test]
#[ignore = "it draws docs/prompt.svg anew: cargo test --test habits -- --ignored"]
fn the_picture_of_the_readme() {
    let home = home();
    let mut term = open(&home, (31, 92), &[("NO_COLOR", ""), ("TERM", "xterm-256color")]);
    for (at, line) in [
        "l = socket inet stream",
        "bind localhost 0",
        "listen",
        "c = socket inet stream",
        "c.connect localhost ${l.local.port}",
        "c.accept",
        "s = l.accept",
        "s.sendall \"Gracias por conectarte\\n\"",
        "c.recv",
        "s.close",
        "sockets",
    ]
    .iter()
    .enumerate()
    {
        run(&mut term, at as u32 + 1, line);
    }
    // What is typed is coloured, and what is wrong in it is red before it runs.
    term.send("c.recv nine ");
    term.expect("nine");
    term.until(|screen| screen.contains("is not"));
    std::fs::create_dir_all("docs").unwrap();
    std::fs::write("docs/prompt.svg", picture(term.cells())).unwrap();
}

#[test]
fn the_readme_shows_the_prompt() {
    let readme = std::fs::read_to_string("README.md").unwrap();
    assert!(readme.contains("](docs/prompt.svg)"));
    let picture = std::fs::read_to_string("docs/prompt.svg").unwrap();
    let document = roxmltree::Document::parse(&picture).unwrap();
    let text: String = document.descendants().filter_map(|node| node.text()).collect();
    for shown in ["In [1]:", "Out[1]:", "accept", "CLOSE_WAIT"] {
        assert!(text.contains(shown), "{shown}");
    }
    // Each of the prompt's words stands in the README and in the manual page.
    let man = std::process::Command::new(SOCKBOOK).arg("man").env("SOCKBOOK_LANG", "en").output().unwrap();
    let man = String::from_utf8(man.stdout).unwrap().replace("\\-", "-");
    for word in [
        "history",
        "save",
        "run",
        "rerun",
        "edit",
        "time",
        "timeit",
        "watch",
        "talk",
        "set --keep",
        "clear",
        "reset",
    ] {
        assert!(readme.contains(&format!("`{word}")), "{word}");
        assert!(man.contains(&format!("\n\\fB{word}")), "{word}");
    }
}
