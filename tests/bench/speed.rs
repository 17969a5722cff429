//! How fast: what is done by the second of reading, running, showing, matching and completing, without
//! the kernel. `cargo bench --bench speed -- read` runs those whose name holds the word.

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};

fn main() {
    divan::main();
}

/// Every byte in turn, with some order but no pattern that a short cut could know.
fn any_bytes(n: usize) -> Vec<u8> {
    (0..n).map(|i| (i * 7 + i / 251) as u8).collect()
}

/// Text to steps: lines and bytes a second.
mod read {
    use super::*;
    use sockbook::engine::Compiler;
    use sockbook::session::names::Scope;

    fn reads(bencher: Bencher, text: String) {
        bencher
            .counter(ItemsCount::new(text.lines().count()))
            .counter(BytesCount::of_str(&text))
            .with_inputs(|| text.clone())
            .bench_values(|text| {
                let mut compiler = Compiler::new(Scope::default());
                let (program, problems) =
                    compiler.compile("x.sock", text, &mut |_| Err(sockbook::words::Sentence::plain("")));
                assert!(program.is_some(), "{problems:?}");
                (program, compiler)
            });
    }

    #[divan::bench]
    fn plain_lines(bencher: Bencher) {
        reads(bencher, "a, b = socketpair\n".to_string() + &"a.send hello\nb.recv 64\n".repeat(500));
    }

    #[divan::bench]
    fn escapes(bencher: Bencher) {
        let line = r#"print "GET / HTTP/1.1\r\nHost: x\x00\u{e9}\r\n\r\n" x"de ad be ef""#;
        reads(bencher, format!("{line}\n").repeat(1000));
    }

    #[divan::bench]
    fn values(bencher: Bencher) {
        reads(bencher, "let n = 1\n".to_string() + &"let n = $n + 1\nprint \"${n} and ${n}\"\n".repeat(500));
    }

    #[divan::bench]
    fn blocks(bencher: Bencher) {
        let block = "repeat 2\n  if 1 == 2\n    let a = 1\n  else\n    let a = 2\n  end\nend\n";
        reads(bencher, block.repeat(150));
    }

    #[divan::bench]
    fn comments(bencher: Bencher) {
        reads(bencher, "# what the next line does, and why\n\n".repeat(500));
    }

    #[divan::bench(sample_count = 20)]
    fn hundred_thousand_lines(bencher: Bencher) {
        let pair = format!("a.sendall \"{}\"\nb.recv 64\n", "x".repeat(64));
        reads(bencher, "a, b = socketpair\n".to_string() + &pair.repeat(50_000));
    }
}

/// Steps that make no call: what the notebook itself costs, rounds a second.
mod run {
    use super::*;
    use std::sync::Arc;

    use sockbook::driver::run::{self, Options};
    use sockbook::engine::{Compiler, Event, Watch};
    use sockbook::net::gate::{Gate, register};
    use sockbook::session::Session;
    use sockbook::session::names::Scope;
    use sockbook::text::tree::Answer;
    use sockbook::value::Halt;

    /// An observer that looks at nothing.
    struct Nobody;

    impl Watch for Nobody {
        fn wants(&self, _: &Session, _: Option<&Answer>) -> bool {
            false
        }

        fn done(&self, _: &mut Session, _: &Event<'_>) -> Result<(), Box<Halt>> {
            Ok(())
        }

        fn flush(&self, _: &sockbook::net::gate::Gate) {}
    }

    /// A gate that no signal reaches. The main thread's would catch Ctrl-C, which is to end the benchmark.
    fn gate() -> Arc<Gate> {
        std::thread::spawn(|| register().unwrap().gate()).join().unwrap()
    }

    const ROUNDS: usize = 1000;

    fn loops(bencher: Bencher, before: &str, inside: &str) {
        let text = format!("{before}\nrepeat {ROUNDS}\n{inside}\nend\n");
        let (gate, watch) = (gate(), Arc::new(Nobody));
        bencher
            .counter(ItemsCount::new(ROUNDS))
            .with_inputs(|| {
                let mut compiler = Compiler::new(Scope::default());
                let (program, problems) = compiler
                    .compile("x.sock", text.as_str(), &mut |_| Err(sockbook::words::Sentence::plain("")));
                let mut session = Session::new(gate.clone());
                run::give(&mut session, &Options::default(), &mut compiler.scope, false);
                (program.unwrap_or_else(|| panic!("{problems:?}")), session)
            })
            .bench_values(|(program, mut session)| {
                let ended = run::execute(&program, &mut session, watch.clone(), run::Rest::Nothing);
                assert!(ended.halt.is_none());
                session
            });
    }

    #[divan::bench]
    fn nothing(bencher: Bencher) {
        loops(bencher, "", "");
    }

    #[divan::bench]
    fn a_name_given(bencher: Bencher) {
        loops(bencher, "", "let a = 1");
    }

    #[divan::bench]
    fn a_sum(bencher: Bencher) {
        loops(bencher, "let n = 0", "let n = $n + 1");
    }

    #[divan::bench]
    fn a_condition(bencher: Bencher) {
        loops(bencher, "let n = 0", "expect $n == 0");
    }

    #[divan::bench]
    fn a_choice(bencher: Bencher) {
        loops(bencher, "let n = 0", "if $n == 1\nlet a = 1\nelse\nlet a = 2\nend");
    }

    #[divan::bench]
    fn text_with_a_value(bencher: Bencher) {
        loops(bencher, "let n = 7", "let text = \"number ${n}\"");
    }

    #[divan::bench]
    fn a_property(bencher: Bencher) {
        loops(bencher, "let text = hello", "let n = ${text.len}");
    }

    #[divan::bench]
    fn a_command(bencher: Bencher) {
        loops(bencher, "", "htons 80");
    }

    #[divan::bench]
    fn a_def(bencher: Bencher) {
        loops(bencher, "def f a\nreturn $a\nend", "f 1");
    }

    #[divan::bench]
    fn an_error_caught(bencher: Bencher) {
        loops(bencher, "let nothing = \"\"", "fails ValueError split a $nothing");
    }
}

/// Bytes to what is shown of them, and back: bytes a second.
mod show {
    use super::*;
    use sockbook::render::hexdump;
    use sockbook::text::literal;
    use sockbook::text::words;

    const SIZE: usize = 64 * 1024;

    fn shows(bencher: Bencher, bytes: Vec<u8>, how: fn(&[u8]) -> String) {
        bencher.counter(BytesCount::new(bytes.len())).bench_local(|| how(black_box(&bytes)));
    }

    #[divan::bench]
    fn text_as_a_literal(bencher: Bencher) {
        shows(bencher, b"Host: localhost\r\n".repeat(SIZE / 17), literal::show);
    }

    #[divan::bench]
    fn bytes_as_a_literal(bencher: Bencher) {
        shows(bencher, any_bytes(SIZE), literal::show);
    }

    #[divan::bench]
    fn text_for_a_terminal(bencher: Bencher) {
        let text = "Gracias por conectarte, señor\n".repeat(SIZE / 31);
        bencher.counter(BytesCount::of_str(&text)).bench_local(|| literal::visible(black_box(&text)));
    }

    #[divan::bench]
    fn a_hexdump(bencher: Bencher) {
        shows(bencher, any_bytes(SIZE), hexdump::dump);
    }

    /// A line that sends a literal; what is counted are the literal's bytes as they are written.
    fn decodes(bencher: Bencher, literal: String) {
        let line = format!("send {literal}");
        bencher.counter(BytesCount::of_str(&literal)).bench_local(|| {
            let mut problems = Vec::new();
            let words = words::line(black_box(&line), 0, 0, &mut problems);
            assert!(problems.is_empty() && words.words.len() == 2);
        });
    }

    #[divan::bench]
    fn a_plain_literal_read(bencher: Bencher) {
        decodes(bencher, format!("\"{}\"", "Gracias por conectarte ".repeat(SIZE / 23)));
    }

    #[divan::bench]
    fn a_literal_read(bencher: Bencher) {
        decodes(bencher, literal::show(&any_bytes(SIZE / 2)));
    }

    #[divan::bench]
    fn hex_read(bencher: Bencher) {
        let digits: String = any_bytes(SIZE / 3).iter().map(|b| format!("{b:02x} ")).collect();
        decodes(bencher, format!("x\"{digits}\""));
    }
}

/// Answers held against what came: lines a second.
mod answer {
    use super::*;
    use sockbook::text::answers::{Typed, generalise, matches};

    fn lines(n: usize) -> Vec<String> {
        (0..n)
            .map(|i| format!("  s{i}  {i}  inet  stream  127.0.0.1:{}  LISTEN  0  128", 40_000 + i))
            .collect()
    }

    fn holds(bencher: Bencher, wanted: Vec<String>, got: Vec<String>) {
        bencher
            .counter(ItemsCount::new(got.len()))
            .bench_local(|| assert!(matches(black_box(&wanted), black_box(&got))));
    }

    #[divan::bench(args = [1, 10, 100, 1000])]
    fn as_written(bencher: Bencher, n: usize) {
        holds(bencher, lines(n), lines(n));
    }

    #[divan::bench(args = [1, 10, 100, 1000])]
    fn with_any_text(bencher: Bencher, n: usize) {
        let wanted = (0..n).map(|i| format!("  s{i}  [..]  127.0.0.1:[..]  LISTEN [..]")).collect();
        holds(bencher, wanted, lines(n));
    }

    #[divan::bench(args = [10, 100, 1000])]
    fn with_any_lines(bencher: Bencher, n: usize) {
        let mut wanted = vec!["...".to_string(); 3];
        wanted[1] = lines(n)[n / 2].clone();
        holds(bencher, wanted, lines(n));
    }

    #[divan::bench]
    fn generalised(bencher: Bencher) {
        let lines = lines(100);
        let typed = Typed::of("bind 127.0.0.1 0\nlisten 128\n");
        bencher
            .counter(ItemsCount::new(lines.len()))
            .bench_local(|| lines.iter().map(|l| generalise(black_box(l), &typed, None)).collect::<Vec<_>>());
    }
}

/// Tab: how often a second.
mod complete {
    use super::*;
    use sockbook::manual::complete::{Known, complete};

    #[divan::bench(args = ["se", "setsockopt SO_R", "fails ECONN", "client.recv --t", "let x = ${na"])]
    fn line(bencher: Bencher, text: &str) {
        let known = Known {
            names: (0..100).map(|i| (format!("name{i}"), "bytes")).collect(),
            sockets: (0..100).map(|i| format!("s{i}")).collect(),
            ..Known::default()
        };
        bencher.bench_local(|| complete(black_box(text), text.len(), &known));
    }
}

/// What an editor waits for after each key, in a script of a thousand lines.
mod edit {
    use super::*;
    use serde_json::{Value as Json, json};
    use sockbook::driver::lsp;
    use sockbook::words::Lang;

    const FILE: &str = "file:///x.sock";

    fn script() -> String {
        let block = "let n = 5\nrepeat 2\n    a.sendall \"hello ${n}\\n\"\n    line = b.recvline\n    expect $line == \"hello 5\\n\"\n    \
                     # so it goes\n    print $line ${line.len}\nend\ndef f_N who\n    print \"hello ${who}\"\nend\n\n";
        let blocks = (0..83).map(|at| block.replace("_N", &at.to_string()));
        format!("a, b = socketpair\n{}a.close\nb.close\n", blocks.collect::<String>())
    }

    fn framed(message: Json) -> Vec<u8> {
        let text = message.to_string();
        format!("Content-Length: {}\r\n\r\n{text}", text.len()).into_bytes()
    }

    /// A thousand keys, each answered with what is wrong by then.
    #[divan::bench(sample_count = 10)]
    fn keys(bencher: Bencher) {
        const KEYS: usize = 1000;
        let ask = |method: &str, params: Json| {
            framed(json!({ "jsonrpc": "2.0", "method": method, "params": params }))
        };
        let mut input = framed(json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {} }));
        let document = json!({ "uri": FILE, "version": 1, "text": script() });
        input.extend(ask("textDocument/didOpen", json!({ "textDocument": document })));
        let place = json!({ "line": 500, "character": 0 });
        for at in 0..KEYS {
            let change = json!({ "range": { "start": place, "end": place }, "text": if at % 2 == 0 { "#" } else { "x" } });
            let params =
                json!({ "textDocument": { "uri": FILE, "version": at + 2 }, "contentChanges": [change] });
            input.extend(ask("textDocument/didChange", params));
        }
        bencher.counter(ItemsCount::new(KEYS)).bench(|| {
            let mut output = Vec::new();
            lsp::serve(&mut input.as_slice(), &mut output, Some(Lang::EN)).map(|code| (code, output.len()))
        });
    }
}
