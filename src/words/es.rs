//! Spanish, as Chilean university courses on networks write it (see `glossary.md`).

use super::{Limit, Noun, Phrase, Totals, Words};

pub struct Spanish;

impl Spanish {
    fn bytes(&self, n: u64) -> String {
        self.count(n, Noun::Byte)
    }

    fn a_failure(&self, names: &[&str]) -> String {
        match names {
            [] => "una falla".into(),
            names => format!("una falla con {}", self.one_of(names)),
        }
    }
}

impl Words for Spanish {
    fn phrase(&self, phrase: &Phrase) -> &'static str {
        phrase.es
    }

    fn count(&self, n: u64, noun: Noun) -> String {
        let (one, many) = match noun {
            Noun::Argument => ("argumento", "argumentos"),
            Noun::Blank => ("hueco", "huecos"),
            Noun::Byte => ("byte", "bytes"),
            Noun::Character => ("carácter", "caracteres"),
            Noun::Doubling => ("duplicación", "duplicaciones"),
            Noun::Instruction => ("instrucción", "instrucciones"),
            Noun::Line => ("línea", "líneas"),
            Noun::Mistake => ("error", "errores"),
            Noun::Packet => ("paquete", "paquetes"),
            Noun::Point => ("punto", "puntos"),
            Noun::Probe => ("sonda", "sondas"),
            Noun::Round => ("ronda", "rondas"),
            Noun::Script => ("script", "scripts"),
            Noun::Segment => ("segmento", "segmentos"),
            Noun::Slice => ("trozo", "trozos"),
            Noun::Socket => ("socket", "sockets"),
            Noun::Subtest => ("subprueba", "subpruebas"),
            Noun::Time => ("vez", "veces"),
            Noun::Try => ("intento", "intentos"),
            Noun::Value => ("valor", "valores"),
            Noun::Warning => ("advertencia", "advertencias"),
            Noun::Word => ("palabra", "palabras"),
        };
        format!("{n} {}", if n == 1 { one } else { many })
    }

    fn one_of(&self, words: &[&str]) -> String {
        // `o` becomes `u` before the same sound.
        let last = words.last().map_or("", |word| word.trim_start_matches('h'));
        super::sentence::listed(words, if last.starts_with(['o', 'O']) { "u" } else { "o" })
    }

    fn early_end(&self, got: u64, wanted: Option<u64>) -> String {
        match wanted {
            Some(wanted) => format!("fin del flujo tras {got} de {}", self.bytes(wanted)),
            None => format!("fin del flujo tras {}", self.bytes(got)),
        }
    }

    fn too_much(&self, max: u64) -> String {
        match max {
            1 => "llegó más de 1 byte".into(),
            max => format!("llegaron más de {max} bytes"),
        }
    }

    fn no_delimiter(&self, max: u64) -> String {
        match max {
            1 => "no hay delimitador en el primer byte".into(),
            max => format!("no hay delimitador en los primeros {max} bytes"),
        }
    }

    fn needs_stream(&self, kind: &str) -> String {
        format!("esto requiere un flujo, y un socket {kind} mantiene separados los mensajes")
    }

    fn frame_too_long(&self, length: u64, max: u64) -> String {
        format!("se anunció una trama de {}, y el máximo es {max}", self.bytes(length))
    }

    fn frame_cut(&self, got: u64, announced: u64) -> String {
        match announced {
            1 => format!("fin del flujo tras {got} del único byte anunciado"),
            announced => format!("fin del flujo tras {got} de los {announced} bytes anunciados"),
        }
    }

    fn not_utf8(&self, at: usize, byte: u8) -> String {
        format!("el byte {at} (0x{byte:02x}) no es UTF-8")
    }

    fn not_a(&self, found: &str, wanted: &str) -> String {
        format!("{found} no es {wanted}")
    }

    fn out_of_range(&self, found: &str, what: &str, low: i64, high: i64) -> String {
        format!("{found} no es {what}: va de {low} a {high}")
    }

    fn unset(&self, name: &str) -> String {
        match name {
            "" => "este nombre aún no tiene valor".into(),
            name => format!("`{name}` aún no tiene valor"),
        }
    }

    fn no_property(&self, of: &str, name: &str) -> String {
        match of {
            "nada" => format!("el valor es nada, que no tiene `.{name}`"),
            of => format!("{of} no tiene `.{name}`"),
        }
    }

    fn no_element(&self, index: usize, length: usize) -> String {
        format!("no hay `.{index}` en una lista de {length}")
    }

    fn file_holds(&self, path: &str, bytes: u64) -> String {
        format!("{path} contiene {}", self.bytes(bytes))
    }

    fn no_answer(&self, after: &str, limit: Limit) -> String {
        let whose = match limit {
            Limit::Command => "del `--timeout` del comando",
            Limit::Session => "de `set timeout`",
            Limit::CommandLine => "del `--timeout` de la línea de comandos",
            Limit::Default => "que `test` da a cada comando; `--timeout` fija otro",
            Limit::Socket => "del `settimeout` del socket",
            Limit::Within => "del `--within` de su `expect`",
            Limit::System => "del sistema",
        };
        format!("sin respuesta en {after}, el plazo {whose}")
    }

    fn too_deep(&self, most: usize) -> String {
        format!("más de {most} llamadas unas dentro de otras")
    }

    fn other_family(&self, found: &str, wanted: &str) -> String {
        format!("{found} no es una dirección de la familia {wanted}")
    }

    fn sent_so_far(&self, taken: u64, offered: u64) -> String {
        format!("{taken} de {} {}", self.bytes(offered), if taken == 1 { "enviado" } else { "enviados" })
    }

    fn failed(&self, text: &str) -> String {
        format!("falló: {text}")
    }

    fn skipped(&self, text: &str) -> String {
        format!("omitido: {text}")
    }

    fn script_limit(&self, after: &str) -> String {
        format!("se acabó el límite de {after} del script")
    }

    fn ended_by(&self, signal: Option<&str>) -> String {
        match signal {
            Some(name) => format!("terminado por {name}"),
            None => "interrumpido".into(),
        }
    }

    fn killed_by(&self, signal: &str) -> String {
        format!("terminó por {signal}")
    }

    fn classes(&self, class: &str, parents: &[&str]) -> String {
        let mut out = class.to_string();
        for parent in parents {
            out.push_str(&format!(", un {parent}"));
        }
        out
    }

    fn thread_waits(&self, thread: &str, call: &str, socket: &str) -> String {
        match (call, socket) {
            ("", _) => format!("el hilo `{thread}` no está en ninguna llamada"),
            (call, "") => format!("el hilo `{thread}` espera en {call}"),
            (call, socket) => format!("el hilo `{thread}` espera en {call} sobre {socket}"),
        }
    }

    fn data_so_far(&self, place: &str, bytes: u64, shown: &str) -> String {
        format!("lo que llegó está en `{place}`: {} {shown}", self.bytes(bytes))
    }

    fn expectation_failed(&self, sides: &[(bool, &str, bool)]) -> String {
        let each = sides.iter().map(|(negated, operator, right)| {
            let not = if *negated { "not " } else { "" };
            let right = if *right { " derecha" } else { "" };
            format!("izquierda {not}{operator}{right}")
        });
        format!("no se cumplió lo esperado: {}", each.collect::<Vec<_>>().join(" o "))
    }

    fn sides(&self, left: &str, right: Option<&str>) -> Vec<String> {
        let right = right.map(|right| format!("derecha:   {right}"));
        std::iter::once(format!("izquierda: {left}")).chain(right).collect()
    }

    fn gave(&self, value: &str) -> String {
        format!("dio {value}")
    }

    fn did_not_fail(&self, names: &[&str]) -> String {
        format!("se esperaba {}, y no falló", self.a_failure(names))
    }

    fn failed_otherwise(&self, names: &[&str], headline: &str) -> String {
        format!("se esperaba {}, y falló con {headline}", self.a_failure(names))
    }

    fn more_lines(&self, n: u64) -> String {
        format!("… y {} más", self.count(n, Noun::Line))
    }

    fn taken(&self, taken: u64, offered: u64) -> String {
        match offered.saturating_sub(taken) {
            0 => self.bytes(taken),
            1 => format!("{taken} de {offered} bytes tomados, queda 1 por enviar"),
            left => format!("{taken} de {offered} bytes tomados, quedan {left} por enviar"),
        }
    }

    fn cut_message(&self, got: u64, whole: u64, lost: bool) -> String {
        match whole.saturating_sub(got) {
            _ if !lost => format!("{got} de {whole} bytes"),
            1 => format!("{got} de {whole} bytes, 1 perdido"),
            lost => format!("{got} de {whole} bytes, {lost} perdidos"),
        }
    }

    fn from(&self, address: &str) -> String {
        format!("de {address}")
    }

    fn filed(&self, bytes: u64, path: &str, end: bool) -> String {
        let end = if end { ", fin del flujo" } else { "" };
        format!("{} hacia {path}{end}", self.bytes(bytes))
    }

    fn and_more(&self, shown: &str, bytes: u64) -> String {
        format!("{shown} y {} más", self.bytes(bytes))
    }

    fn checked(&self, scripts: u64, mistakes: u64, warnings: u64) -> String {
        let checked = if scripts == 1 { "revisado" } else { "revisados" };
        let scripts = self.count(scripts, Noun::Script);
        let also =
            if warnings > 0 { format!(", {}", self.count(warnings, Noun::Warning)) } else { String::new() };
        format!("{scripts} {checked}, {}{also}", self.count(mistakes, Noun::Mistake))
    }

    fn runs_failed(&self, failures: u64, runs: u64) -> String {
        let failed = if failures == 1 { "falló" } else { "fallaron" };
        format!("{failed} {failures} de {runs} ejecuciones")
    }

    fn tried_again(&self, times: u64) -> String {
        format!("reintentado {}", self.count(times, Noun::Time))
    }

    fn subtests_failed(&self, failed: usize, of: usize) -> String {
        match (failed, of) {
            (_, 1) => "su subprueba falló".into(),
            (1, of) => format!("1 de {of} subpruebas falló"),
            (failed, of) => format!("{failed} de {of} subpruebas fallaron"),
        }
    }

    fn totals(&self, totals: &Totals) -> String {
        let so_many = |n: u64, one: &str| format!("{n} {one}{}", if n == 1 { "" } else { "s" });
        let mut line =
            format!("{}: {}", self.count(totals.scripts, Noun::Script), so_many(totals.passed, "aprobado"));
        if totals.flaky > 0 {
            line.push_str(&format!(" ({})", so_many(totals.flaky, "inestable")));
        }
        line.push_str(&format!(", {}", so_many(totals.failed, "fallido")));
        match totals.known {
            0 => {}
            1 => line.push_str(", 1 falla conocida"),
            n => line.push_str(&format!(", {n} fallas conocidas")),
        }
        if totals.interrupted > 0 {
            line.push_str(&format!(", {}", so_many(totals.interrupted, "interrumpido")));
        }
        if totals.skipped > 0 {
            line.push_str(&format!(", {}", so_many(totals.skipped, "omitido")));
        }
        if totals.not_run > 0 {
            line.push_str(&format!(", {} sin ejecutar", totals.not_run));
        }
        if totals.subtests > 0 {
            let failed = if totals.subtests_failed == 1 { "fallida" } else { "fallidas" };
            let subtests = self.count(totals.subtests, Noun::Subtest);
            line.push_str(&format!("; {subtests}, {} {failed}", totals.subtests_failed));
        }
        if let Some((got, of)) = totals.points {
            line.push_str(&format!("; {got} de {}", self.count(of, Noun::Point)));
        }
        line
    }

    fn lines_left_out(&self, lines: u64) -> String {
        match lines {
            1 => "1 línea posterior no se ejecutó".into(),
            lines => format!("{lines} líneas posteriores no se ejecutaron"),
        }
    }

    fn lines_saved(&self, lines: u64, path: &str) -> String {
        let saved = if lines == 1 { "guardada" } else { "guardadas" };
        format!("{} {saved} en {path}", self.count(lines, Noun::Line))
    }

    fn session_reset(&self, sockets: u64) -> String {
        let closed = if sockets == 1 { "cerrado" } else { "cerrados" };
        format!("{} {closed}, todos los nombres olvidados", self.count(sockets, Noun::Socket))
    }

    fn running_as(&self, pid: i32) -> String {
        format!("en ejecución como {pid}")
    }

    fn exited_with(&self, code: i32) -> String {
        format!("terminó con {code}")
    }
}
