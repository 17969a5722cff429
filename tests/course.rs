//! The course: cells at the prompt, the lessons in both languages, `sockbook course`, and the grading of servers.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[allow(dead_code)]
mod pty;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use pty::Term;
use sockbook::text::lesson;
use tempfile::TempDir;

const SOCKBOOK: &str = env!("CARGO_BIN_EXE_sockbook");

const LESSON: &str = "#!/usr/bin/env sockbook
# The head.

# %% [markdown]
# # Two ends
#
# What one end of a **pair** sends, the other receives: nothing is lost, and nothing comes twice, ever.
#
# | call | what it does |
# |---|---|
# | `recv` | takes what has come, which may be less than was sent |

# %% Send
a, b = socketpair
#> a: unix stream ⇄ b: unix stream
# A note.
a.sendall \"hello\"
b.recv 4096
#> 5 bytes  \"HELLO\"
#? in capitals

# %% [markdown]
# The end.
a.close
b.close
";

fn home() -> TempDir {
    tempfile::Builder::new().prefix("sbc").tempdir_in("/tmp").unwrap()
}

fn step(home: &TempDir, columns: u16, text: &str) -> Term {
    std::fs::write(home.path().join("lesson.sock"), text).unwrap();
    let command = [SOCKBOOK, "run", "--step", "lesson.sock"];
    Term::sized(home.path(), home.path(), (60, columns), &command, &[])
}

#[test]
fn a_lesson_is_drawn_and_its_lines_are_offered() {
    let home = home();
    let mut term = step(&home, 80, LESSON);
    term.prompt();
    term.until(|screen| screen.contains("In [1]: a, b = socketpair"));
    let screen = term.screen();
    for line in [
        "# The head.",
        "Two ends\n════════\n",
        "What one end of a pair sends, the other receives: nothing is lost, and nothing\ncomes twice, ever.\n",
        "call    what it does\n──────  ────────",
        "── Send ──",
        "· Enter: run the line",
    ] {
        assert!(screen.contains(line), "{line:?}\n{screen}");
    }
    term.send("\r");
    term.expect("Out[1]: a: unix stream");
    term.until(|screen| screen.contains("# A note.\nIn [2]: a.sendall \"hello\""));
    // Anything may be typed in between: the line is offered again.
    term.send("\x15sockets\r");
    term.until(|screen| screen.contains("In [3]: a.sendall \"hello\""));
    // An edited line is the line.
    term.send("\x7f!\"\r");
    term.until(|screen| screen.contains("In [4]: b.recv 4096"));
    term.send("\x1bOP");
    term.expect("· hint: in capitals");
    term.until(|screen| {
        screen.trim_end().lines().filter(|line| line.contains("In [4]: b.recv")).count() == 2
    });
    term.send("\r");
    term.expect("· the answer was: 5 bytes");
    term.until(|screen| screen.contains("The end.") && screen.contains("In [5]: a.close"));
    // Back to the line before, and skipped again.
    term.send("\x1b[5~");
    term.until(|screen| screen.contains("In [5]: b.recv 4096"));
    term.send("\x1b[6~");
    term.expect("· skipped");
    // The rest of the cell at once; then the session goes on.
    term.until(|screen| {
        screen.trim_end().lines().filter(|line| line.contains("In [5]: a.close")).count() == 2
    });
    term.send("\x1b[15~");
    term.expect("· that was the last line; the session goes on");
    term.prompt();
    term.run("print ${a.name}", "a\r\n");
    assert_eq!(term.leaves(), 0);
}

#[test]
fn a_narrow_terminal_has_whole_lines_too() {
    let home = home();
    let mut term = step(&home, 40, LESSON);
    term.prompt();
    term.until(|screen| screen.contains("In [1]: a, b = socketpair"));
    let screen = term.screen();
    let row = "call: `recv`\nwhat it does: takes what has come,\n  which may be less than was sent\n";
    assert!(screen.contains(row), "{screen}");
    term.send("\x1bq");
    term.expect("· the steps end here");
    term.prompt();
    term.run("print again", "again\r\n");
    assert_eq!(term.leaves(), 0);
}

#[test]
fn a_blank_is_filled_in_at_the_prompt() {
    let home = home();
    let mut term = step(&home, 80, "a, b = socketpair\na.sendall ____\n#? text\nb.recv 5\n");
    term.prompt();
    term.send("\r");
    term.until(|screen| screen.contains("In [2]: a.sendall ____"));
    term.send("\x1b[F\x7f\x7f\x7f\x7f\"hello\"");
    term.until(|screen| screen.contains("In [2]: a.sendall \"hello\""));
    term.send("\r");
    term.until(|screen| screen.contains("b.recv 5"));
    term.send("\r");
    term.expect("5 bytes  \"hello\"");
}

#[test]
fn steps_need_a_terminal_and_a_script_that_can_be_read() {
    let home = home();
    let run = |text: &str| {
        std::fs::write(home.path().join("x.sock"), text).unwrap();
        Command::new(SOCKBOOK)
            .args(["run", "--step", "x.sock"])
            .current_dir(home.path())
            .env_remove("SOCKBOOK_LANG")
            .output()
            .unwrap()
    };
    for (text, said) in [("print hi\n", "needs a terminal"), ("prnt hi\n", "unknown command `prnt`")] {
        let output = run(text);
        assert_eq!(output.status.code(), Some(2));
        assert!(String::from_utf8_lossy(&output.stderr).contains(said), "{said}\n{output:?}");
    }
}

/// The lessons of a language, by their numbers.
fn lessons(folder: &str) -> BTreeMap<u32, PathBuf> {
    let is_lesson = |name: &str| name.ends_with(".sock") && name.starts_with(|c: char| c.is_ascii_digit());
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let named = paths.map(|path| (path.file_name().unwrap().to_str().unwrap().to_string(), path));
    named.filter(|(name, _)| is_lesson(name)).map(|(name, path)| (name[..2].parse().unwrap(), path)).collect()
}

/// Without what is in words: the commands of a lesson.
fn shape(text: &str) -> Vec<String> {
    let code = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    code.map(|line| line.split_whitespace().next().unwrap().to_string()).collect()
}

#[test]
fn the_lessons_are_the_same_in_both_languages() {
    let (english, spanish) = (lessons("scripts/course"), lessons("scripts/curso"));
    assert_eq!(english.keys().copied().collect::<Vec<_>>(), (0..25).collect::<Vec<_>>());
    assert_eq!(english.keys().collect::<Vec<_>>(), spanish.keys().collect::<Vec<_>>());
    for (number, path) in &english {
        let (one, other) = (std::fs::read_to_string(path), std::fs::read_to_string(&spanish[number]));
        let (one, other) = (one.unwrap(), other.unwrap());
        assert_eq!(shape(&one), shape(&other), "lesson {number}");
        for text in [&one, &other] {
            let given = lesson::exercise(text);
            assert!(lesson::blanks(text).is_empty(), "lesson {number} has a blank");
            // Of the last one most of the exercise is in the Python file beside it.
            assert!(
                lesson::blanks(&given).len() > usize::from(*number != 24),
                "lesson {number} has no exercise"
            );
            assert_eq!(
                lesson::lost(&given, text),
                None,
                "lesson {number}: the solution does not fill its blanks"
            );
            for blank in lesson::blanks(&given) {
                let line = given[..blank.start].lines().last().unwrap_or("");
                assert!(!line.starts_with("#____"), "lesson {number}: {line}");
            }
            assert!(text.contains("# %% [markdown]\n# # "), "lesson {number} has no title");
            assert!(
                text.contains("# ## Try\n") || text.contains("# ## Prueba\n"),
                "lesson {number}: nothing to try"
            );
        }
    }
}

#[test]
fn the_answers_of_the_lessons_come() {
    let mut command = Command::new(SOCKBOOK);
    command.args(["test", "--timeout", "1m", "--limit", "5m", "scripts/course", "scripts/curso"]);
    let output = command.env_remove("SOCKBOOK_LANG").output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
}

/// A student's folder.
struct Student(TempDir);

impl Student {
    fn new() -> Student {
        let folder = home();
        std::fs::create_dir(folder.path().join("work")).unwrap();
        Student(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join("work").join(name)
    }

    fn course(&self, arguments: &[&str]) -> Output {
        let output = Command::new(SOCKBOOK)
            .arg("course")
            .args(arguments)
            .current_dir(self.0.path().join("work"))
            .env("XDG_STATE_HOME", self.0.path().join("state"))
            .env("SOCKBOOK_LANG", "es")
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        output
    }

    fn says(&self, arguments: &[&str], said: &str) {
        let output = self.course(arguments);
        let out = String::from_utf8_lossy(&output.stdout);
        assert!(out.contains(said), "{arguments:?}: no {said:?}\n{out}");
    }
}

#[test]
fn a_lesson_is_brought_filled_in_and_done() {
    let student = Student::new();
    student.says(&[], "0 de 25 lecciones hechas\n   0  Antes de empezar: el cuaderno\n");
    student.says(&["2"], "02-numeros.sock ya está aquí\n");
    let path = student.path("02-numeros.sock");
    let given = std::fs::read_to_string(&path).unwrap();
    assert!(!given.contains("2c01") && !given.contains("#____"), "the solution is in it:\n{given}");
    student.says(&["2"], "02-numeros.sock:16: hueco 1 de 4 (por llenar: 4 huecos)\n    #> 012c ____\n");
    student.says(&["numeros", "--hint"], "los mismos bytes, al revés\n");
    student.says(&[], "hueco 1 de 4");
    // The second one first: the first is still the next, and known as such.
    let filled = given.replace("#> 012c ____", "#> 012c 2c01").replace("pack ____", "pack u32be");
    std::fs::write(&path, &filled).unwrap();
    student.says(&["2"], "hueco 2 de 4 (por llenar: 2 huecos)");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), filled, "a file of the student's was written over");
    let wrong = filled.replacen("#> ____", "#> 300", 1).replace("#> ____", "#> 00000007");
    std::fs::write(&path, &wrong).unwrap();
    student.says(&["2"], "todavía no está bien");
    // What would be right whatever comes, and work that was deleted, are not done.
    std::fs::write(&path, wrong.replace("\n#> 300\n#? 0x2c", "\n#> [..]\n#? 0x2c")).unwrap();
    student.says(&["2"], "falta esta línea del ejercicio");
    std::fs::write(&path, "print hola\n").unwrap();
    student.says(&["2"], "falta esta línea del ejercicio");
    let right = wrong.replace("\n#> 300\n#? 0x2c", "\n#> 11265\n#? 0x2c");
    std::fs::write(&path, right).unwrap();
    student.says(&["2"], "✓ la lección 2 está bien\nsigue: `sockbook course 3`");
    student.says(&[], "1 de 25 lecciones hechas");
    student.says(&[], "✓  2  Números en bytes");
    // Of lines that are the same each is told by how many are filled in.
    student.says(&["8"], "hueco 1 de 5");
    let path = student.path("08-recv.sock");
    let given = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, given.replacen("#> ____ bytes  \"____\"", "#> 10 bytes  \"unodostres\"", 1))
        .unwrap();
    student.says(&["8"], "hueco 3 de 5 (por llenar: 3 huecos)");
    student.says(&["2", "--solution"], "length = pack u32be ${body.len}");
}

#[test]
fn the_file_is_watched_until_it_is_right() {
    let student = Student::new();
    let state = student.0.path().join("state");
    let vars = [("XDG_STATE_HOME", state.to_str().unwrap())];
    let work = student.0.path().join("work");
    let mut term = Term::sized(student.0.path(), &work, (40, 100), &[SOCKBOOK, "course", "0"], &vars);
    term.expect("waits for you to save the file");
    term.send("\r");
    term.expect("what does `print` write?");
    let path = student.path("00-notebook.sock");
    let given = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, given.replace("#> ____, Ana", "#> Hello, Ana")).unwrap();
    term.expect("blank 2 of 3 (2 blanks left)");
    let lesson = std::fs::read_to_string("scripts/course/00-notebook.sock").unwrap();
    // As an editor that writes a new file in place of the old one.
    std::fs::write(student.path("new"), lesson).unwrap();
    std::fs::rename(student.path("new"), &path).unwrap();
    term.expect("✓ lesson 0 is right");
    assert_eq!(term.ends(), 0);
}

#[test]
#[cfg_attr(without = "python3", ignore = "python3 is missing")]
fn a_server_in_python_is_an_answer() {
    let student = Student::new();
    student.says(&["24"], "24-eco.py ya está aquí");
    student.says(&["24"], "hueco 1 de 3 (por llenar: 3 huecos)");
    let fill = |name: &str, pairs: &[(&str, &str)]| {
        let mut text = std::fs::read_to_string(student.path(name)).unwrap();
        for (blank, filled) in pairs {
            assert!(text.contains(blank), "{text}");
            text = text.replace(blank, filled);
        }
        std::fs::write(student.path(name), text).unwrap();
    };
    fill("24-probar.sock", &[("== ____ else", "== HOLA else")]);
    student.says(&["24"], "24-eco.py:");
    fill("24-eco.py", &[("while ____:", "while len(data) < 1:"), ("header, ____", "header, \"big\"")]);
    student.says(&["24"], "todavía no está bien");
    fill("24-eco.py", &[("while len(data) < 1:", "while len(data) < n:")]);
    student.says(&["24"], "✓ la lección 24 está bien");
}

/// The wrong servers: which scripts find them, and their marks of 22 points.
const SERVERS: &[(&str, u64, &[&str])] = &[
    ("correcto", 22, &[]),
    ("un_recv", 17, &["05-partido", "07-grande"]),
    (
        "little",
        1,
        &[
            "02-eco",
            "03-suma",
            "04-tildes",
            "05-partido",
            "06-juntos",
            "07-grande",
            "08-varios",
            "09-errores",
            "10-fin",
            "11-corte",
            "12-reinicio",
        ],
    ),
    ("sin_hilos", 19, &["08-varios"]),
    ("bucle_fin", 21, &["10-fin"]),
    ("sin_reuse", 21, &["12-reinicio"]),
    ("json_bota", 20, &["09-errores"]),
    ("no_cierra", 21, &["10-fin"]),
    ("ascii", 20, &["04-tildes"]),
    ("largo_caracteres", 20, &["04-tildes"]),
    ("cierra_siempre", 16, &["02-eco", "06-juntos", "09-errores"]),
    ("send_una_vez", 20, &["07-grande"]),
    (
        "no_parte",
        0,
        &[
            "01-parte",
            "02-eco",
            "03-suma",
            "04-tildes",
            "05-partido",
            "06-juntos",
            "07-grande",
            "08-varios",
            "09-errores",
            "10-fin",
            "11-corte",
            "12-reinicio",
        ],
    ),
];

#[test]
#[cfg_attr(without = "python3", ignore = "python3 is missing")]
fn twelve_wrong_servers_are_told_from_the_right_one() {
    let left = std::sync::Mutex::new(SERVERS.iter());
    let work = || {
        let mut wrong = Vec::new();
        while let Some((server, points, found)) = left.lock().unwrap().next() {
            wrong.extend(graded_wrongly(server, *points, found));
        }
        wrong
    };
    // Most of the time is waiting for servers that do not answer.
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..2).map(|_| scope.spawn(work)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Grades a server: what is not as the table has it.
fn graded_wrongly(server: &str, points: u64, found: &[&str]) -> Option<String> {
    let folder = home();
    let report = folder.path().join("report.json");
    let grades = folder.path().join("results.json");
    let program = std::fs::canonicalize(format!("scripts/grading/servers/{server}.py")).unwrap();
    let output = Command::new(SOCKBOOK)
        .args([
            "test",
            "-q",
            "-j4",
            "--timeout",
            "1m",
            "--limit",
            "5m",
            "--lang",
            "es",
            "scripts/grading",
            "--var",
        ])
        .arg(format!("server={}", program.display()))
        .arg("--report")
        .arg(format!("json={}", report.display()))
        .arg("--report")
        .arg(format!("gradescope={}", grades.display()))
        .output()
        .unwrap();
    let read = |path: &Path| -> serde_json::Value {
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    };
    let (report, grades) = (read(&report), read(&grades));
    let scripts = report["scripts"].as_array().unwrap();
    let failed = scripts.iter().filter(|script| script["status"] != "passed");
    let stem = |script: &serde_json::Value| {
        Path::new(script["file"].as_str().unwrap()).file_stem().unwrap().to_str().unwrap().to_string()
    };
    let failed: Vec<String> = failed.map(stem).collect();
    let got = report["points"]["got"].as_u64().unwrap();
    let tests = grades["tests"].as_array().unwrap();
    let score: u64 = tests.iter().map(|test| test["score"].as_u64().unwrap()).sum();
    if failed != found || got != points || score != points {
        let out = String::from_utf8_lossy(&output.stdout);
        return Some(format!("{server}: {got} points, {score} in Gradescope's, {failed:?}\n{out}"));
    }
    assert_eq!(tests[0]["name"], "Parte y escucha");
    None
}

#[test]
fn gradescope_has_a_result_of_a_run_that_breaks() {
    let folder = home();
    let run = |arguments: &[&str]| {
        let output = Command::new(SOCKBOOK)
            .args(["test", "--report", "gradescope=r.json"])
            .args(arguments)
            .current_dir(folder.path())
            .env_remove("SOCKBOOK_LANG")
            .output()
            .unwrap();
        let text = std::fs::read_to_string(folder.path().join("r.json")).unwrap();
        let _ = std::fs::remove_file(folder.path().join("r.json"));
        (output.status.code(), serde_json::from_str::<serde_json::Value>(&text).unwrap())
    };
    let (code, report) = run(&["missing.sock"]);
    assert_eq!((code, &report["score"]), (Some(2), &0.into()));
    assert!(report["output"].as_str().unwrap().contains("missing.sock"), "{report}");
    // One that kills the whole run.
    std::fs::write(folder.path().join("x.sock"), "process p sh -c \"kill -9 $PPID\"\nwait p\n").unwrap();
    let (code, report) = run(&["x.sock"]);
    assert_eq!(code, None);
    assert_eq!(report["output"], "the tests did not come to their end");
    // Without points each script counts one; one that is not valid counts none.
    std::fs::write(folder.path().join("x.sock"), "print hi\n").unwrap();
    std::fs::write(folder.path().join("y.sock"), "test title \"Wrong\"\nprnt hi\n").unwrap();
    let (_, report) = run(&["."]);
    let tests: Vec<_> =
        report["tests"].as_array().unwrap().iter().map(|t| (&t["name"], &t["score"])).collect();
    assert_eq!(tests, [(&"x.sock".into(), &1.into()), (&"Wrong".into(), &0.into())]);
}
