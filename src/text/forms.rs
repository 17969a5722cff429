//! The keywords: one row each. What a keyword does to the shape of a script (it opens a block, it begins an arm of
//! one) and what the help says of it stand here and nowhere else.
//!
//! The parser, the compiler, `check`, completion, the help, the manual page and the editors' grammar ask these rows.
//! A new keyword is a row here and its meaning in `engine/blocks.rs` (a block) or `engine/compile.rs` (a line).

use std::sync::LazyLock;

use memchr::memmem::Finder;

use crate::words::Phrase;

/// A word that most scripts do not have: where it does not occur, a pass over the text is left out. Its search is
/// prepared once.
pub type Sought = LazyLock<Finder<'static>>;

/// The word of a `def`.
pub static DEF: Sought = LazyLock::new(|| Finder::new("def"));
/// The word of a `source` line.
pub static SOURCE: Sought = LazyLock::new(|| Finder::new("source"));
/// The word of a `test` line.
pub static TEST: Sought = LazyLock::new(|| Finder::new("test"));
/// The word of an `export` line.
pub static EXPORT: Sought = LazyLock::new(|| Finder::new("export"));
/// The beginning of an answer.
pub static ANSWER: Sought = LazyLock::new(|| Finder::new("#>"));

/// Does a text have this in it?
pub fn holds(text: &str, sought: &Sought) -> bool {
    sought.find(text.as_bytes()).is_some()
}

/// Under which heading of the help a keyword or a command stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Making, connecting and closing sockets.
    Life,
    /// Sending and receiving.
    Data,
    /// Options and readiness.
    Options,
    /// Names, services and addresses.
    Names,
    /// Bytes at hand.
    Bytes,
    /// Threads, background calls and programs.
    Jobs,
    /// Expectations.
    Tests,
    /// The session.
    Session,
    /// Blocks.
    Blocks,
}

impl Group {
    /// The headings in the order of the help.
    pub const ALL: [Group; 9] = [
        Group::Life,
        Group::Data,
        Group::Options,
        Group::Names,
        Group::Bytes,
        Group::Jobs,
        Group::Tests,
        Group::Session,
        Group::Blocks,
    ];

    /// The heading's words.
    pub fn title(self) -> Phrase {
        match self {
            Group::Life => {
                phrase!(en "Making, connecting and closing sockets", es "Crear, conectar y cerrar sockets")
            }
            Group::Data => phrase!(en "Sending and receiving", es "Enviar y recibir"),
            Group::Options => phrase!(en "Options and readiness", es "Opciones y disponibilidad"),
            Group::Names => {
                phrase!(en "Names, services and addresses", es "Nombres, servicios y direcciones")
            }
            Group::Bytes => phrase!(en "Bytes at hand", es "Bytes a mano"),
            Group::Jobs => {
                phrase!(
                    en "Threads, background calls and programs",
                    es "Hilos, llamadas en segundo plano y programas"
                )
            }
            Group::Tests => phrase!(en "Expectations", es "Lo que se espera"),
            Group::Session => phrase!(en "The session", es "La sesión"),
            Group::Blocks => phrase!(en "Blocks", es "Bloques"),
        }
    }
}

/// What a line with the keyword is in the structure of a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Opens a block that runs again and again: `break` and `continue` are for it.
    Loop,
    /// Opens any other block.
    Block,
    /// Opens a block with a body that is run elsewhere: a `def`, a thread. A `break` in it leaves no loop outside.
    Body,
    /// Begins another arm of this block.
    Arm(Keyword),
    /// Ends a block.
    End,
    /// Is a line by itself.
    Line,
    /// Is a line by itself after which the lines below do not run.
    Jump,
    /// Is a line by itself that holds another command. It may have names before it, and its word may be a name.
    Wrapper,
}

/// What the words after the keyword are, for completion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Any words.
    Words,
    /// A file.
    Path,
    /// Names of errors.
    Errors,
    /// Names of errors, and then a command.
    Command,
}

/// A keyword's row.
#[derive(Debug)]
pub struct Form {
    /// The keyword itself.
    pub keyword: Keyword,
    /// What is typed.
    pub name: &'static str,
    /// What it is in the structure of a script.
    pub role: Role,
    /// Under which heading of the help it stands.
    pub group: Group,
    /// The words of its line, as the usage shows them.
    pub words: &'static str,
    /// What follows its line, as the usage shows it.
    pub rest: &'static str,
    /// What its words are.
    pub takes: Takes,
    /// What it does, in a phrase.
    pub summary: Phrase,
    /// More to know, a sentence or some.
    pub note: Phrase,
    /// The Python it stands for.
    pub python: &'static str,
    /// Lines that run as they stand, the keyword among them; empty where they need a file.
    pub example: &'static str,
}

/// What a condition is.
const CONDITION: Phrase = phrase!(
    en "A condition is `A OP B` with `== != < <= > >= contains startswith endswith matches`, `A empty`, `S open`, `S \
        closed`; `not`, `and`, `or` and parentheses are Python's, and each side may be an expression.",
    es "Una condición es `A OP B` con `== != < <= > >= contains startswith endswith matches`, `A empty`, `S open`, `S \
        closed`; `not`, `and`, `or` y los paréntesis son los de Python, y cada lado puede ser una expresión."
);

/// What a row says unless it says otherwise.
const USUAL: Form = Form {
    keyword: Keyword::End,
    name: "",
    role: Role::Line,
    group: Group::Blocks,
    words: "",
    rest: "",
    takes: Takes::Words,
    summary: Phrase::same(""),
    note: Phrase::same(""),
    python: "",
    example: "",
};

/// The enum of keywords, the way from a word to its keyword, and the rows: all out of one list.
macro_rules! forms {
    ($($keyword:ident $name:literal { $($field:ident: $value:expr),* $(,)? })*) => {
        /// A word of the language that is no command.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Keyword {
            $(#[doc = concat!("`", $name, "`")] $keyword),*
        }

        impl Keyword {
            /// The keyword that this word is.
            pub fn of(word: &str) -> Option<Keyword> {
                match word {
                    $($name => Some(Keyword::$keyword),)*
                    _ => None,
                }
            }
        }

        /// The rows, in the order of the help.
        pub static FORMS: &[Form] =
            &[$(Form { keyword: Keyword::$keyword, name: $name, $($field: $value,)* ..USUAL }),*];
    };
}

forms! {
    Repeat "repeat" {
        role: Role::Loop,
        words: "N",
        rest: "… end",
        summary: phrase!(
            en "the lines inside, N times",
            es "las líneas de adentro, N veces"
        ),
        python: "for _ in range(n):",
        example: "repeat 3\n    print hello\nend",
    }
    While "while" {
        role: Role::Loop,
        words: "CONDITION",
        rest: "… end",
        summary: phrase!(
            en "the lines inside, as long as the condition holds",
            es "las líneas de adentro, mientras se cumpla la condición"
        ),
        note: CONDITION,
        python: "while condition:",
        example: "let n = 3\nwhile $n > 0\n    let n = $n - 1\nend",
    }
    For "for" {
        role: Role::Loop,
        words: "NAME, … in WORD…",
        rest: "… end",
        summary: phrase!(
            en "the lines inside once for each word, or for each item of a list",
            es "las líneas de adentro una vez por cada palabra, o por cada elemento de una lista"
        ),
        note: phrase!(
            en "Several names take as many items each round, or an item that is a list apart: `for key, value in $map`.",
            es "Varios nombres toman otros tantos elementos en cada vuelta, o separan un elemento que es una lista: `for \
                key, value in $map`."
        ),
        python: "for name in words:",
        example: "for word in hola \"buenos días\"\n    print $word\nend",
    }
    If "if" {
        role: Role::Block,
        words: "CONDITION",
        rest: "… [else if CONDITION …] [else …] end",
        summary: phrase!(
            en "the lines of the first part whose condition holds",
            es "las líneas de la primera parte cuya condición se cumple"
        ),
        note: CONDITION,
        python: "if condition: … elif condition: … else: …",
        example: "let n = 3\nif $n > 2\n    print many\nelse\n    print few\nend",
    }
    Else "else" {
        role: Role::Arm(Keyword::If),
        rest: "… | else if CONDITION …",
        summary: phrase!(
            en "in an `if`: the lines for when no condition above held, or one more condition",
            es "en un `if`: las líneas para cuando no se cumplió ninguna condición anterior, o una \
                condición más"
        ),
        python: "else: … or elif condition: …",
        example: "let n = 3\nif $n > 5\n    print many\nelse if $n > 2\n    print some\nelse\n    print few\nend",
    }
    Try "try" {
        role: Role::Block,
        rest: "… [except [ERROR…] [as NAME] …] [finally …] end",
        summary: phrase!(
            en "catch an error by its name or class; `finally` runs in every case",
            es "atrapa un error por su nombre o su clase; `finally` se ejecuta en todos los casos"
        ),
        python: "try: … except ConnectionError as e: … finally: …",
        example: "socket inet stream\ntry\n    connect 127.0.0.1 1\nexcept ConnectionError as e\n    print ${e.name}\nfinally\n    close\nend",
    }
    Except "except" {
        role: Role::Arm(Keyword::Try),
        words: "[ERROR…] [as NAME]",
        rest: "…",
        takes: Takes::Errors,
        summary: phrase!(
            en "in a `try`: the lines for an error with one of these names or classes, or for any error",
            es "en un `try`: las líneas para un error con uno de estos nombres o clases, o para cualquier \
                error"
        ),
        note: phrase!(
            en "NAME has the error: its name, number, class, message and call are properties.",
            es "NAME tiene el error: `.name`, `.number`, `.class`, `.message` y `.call` son sus propiedades."
        ),
        python: "except (ConnectionError, TimeoutError) as e: …",
        example: "socket inet stream\ntry\n    connect 127.0.0.1 1\nexcept ECONNREFUSED ENETUNREACH as e\n    print ${e.name}\nend",
    }
    Finally "finally" {
        role: Role::Arm(Keyword::Try),
        rest: "…",
        summary: phrase!(
            en "in a `try`: the lines that run in every case, after an error too",
            es "en un `try`: las líneas que se ejecutan en todos los casos, también después de un error"
        ),
        python: "finally: …",
        example: "socket inet stream\ntry\n    bind 127.0.0.1 0\nfinally\n    close\nend",
    }
    Def "def" {
        role: Role::Body,
        words: "NAME ARG… [ARG=WORD…] [REST...]",
        rest: "… end",
        summary: phrase!(
            en "a command of your own; what it assigns stays inside",
            es "un comando propio; lo que asigna queda adentro"
        ),
        note: phrase!(
            en "`port=80` is what PORT is where a call has no word for it, worked out at each call; `rest...` is a list of the \
                words that are left. `$(NAME WORD…)` is what it returns.",
            es "`port=80` es lo que vale PORT donde la llamada no trae una palabra para él, calculado en cada llamada; \
                `rest...` es una lista de las palabras que quedan. `$(NAME WORD…)` es lo que entrega."
        ),
        python: "def name(argument): …",
        example: "def greet who\n    print \"hola, ${who}\"\nend\ngreet mundo",
    }
    Spawn "spawn" {
        role: Role::Body,
        group: Group::Jobs,
        words: "NAME [--daemon]",
        rest: "… end",
        summary: phrase!(
            en "a thread: it sees the names as they are now and shares the sockets; `wait NAME` waits for it",
            es "un hilo: ve los nombres como están ahora y comparte los sockets; `wait NAME` lo espera"
        ),
        note: phrase!(
            en "The end of the script waits for it; with `--daemon` neither that nor a `wait` without a name does, but \
                `wait NAME`. What it changes is its own, but for names that `share` declares.",
            es "El fin del script lo espera; con `--daemon` no lo esperan ni ese fin ni un `wait` sin nombre, pero \
                sí `wait NAME`. Lo que cambia es suyo, salvo los nombres que `share` declara."
        ),
        python: "threading.Thread(target=…).start()",
        example: "a, b = socketpair\nspawn peer\n    b.sendall hola\nend\na.recv\nwait peer",
    }
    End "end" {
        role: Role::End,
        summary: phrase!(
            en "ends a block: an `if`, a `try`, a loop, a `def`, a `spawn`",
            es "termina un bloque: un `if`, un `try`, un ciclo, un `def`, un `spawn`"
        ),
        example: "repeat 3\n    print hello\nend",
    }
    Return "return" {
        role: Role::Jump,
        words: "[EXPRESSION…]",
        summary: phrase!(
            en "leave a `def`, giving a value, or a list of several",
            es "sale de un `def` y entrega un valor, o una lista de varios"
        ),
        python: "return value",
        example: "def twice n\n    return $n * 2\nend\nx = twice 21\nprint $x",
    }
    Break "break" {
        role: Role::Jump,
        summary: phrase!(
            en "leave the innermost loop",
            es "sale del ciclo más interno"
        ),
        python: "break",
        example: "while true\n    break\nend",
    }
    Continue "continue" {
        role: Role::Jump,
        summary: phrase!(
            en "go on with the next round of the innermost loop",
            es "sigue con la próxima vuelta del ciclo más interno"
        ),
        python: "continue",
        example: "repeat 2\n    continue\nend",
    }
    Source "source" {
        words: "FILE",
        takes: Takes::Path,
        summary: phrase!(
            en "the lines of another file, here; its path is relative to this file",
            es "las líneas de otro archivo, aquí; su ruta es relativa a este archivo"
        ),
        python: "exec(open(file).read())",
    }
    Subtest "subtest" {
        role: Role::Block,
        group: Group::Tests,
        words: "TEXT",
        rest: "… end",
        summary: phrase!(
            en "a test of its own in the reports of `test`; when it has failed, the script goes on behind it",
            es "una prueba propia en los informes de `test`; si falla, el script sigue después de ella"
        ),
        note: phrase!(
            en "They run in order, in one session. A script with a failed `subtest` fails in the end.",
            es "Se ejecutan en orden, en una misma sesión. Un script con un `subtest` fallido falla al final."
        ),
        python: "with self.subTest(text): …",
        example: "a, b = socketpair\nfor word in hola adiós\n    subtest \"echo of ${word}\"\n        a.sendall $word\n        b.recv\n        expect $_ == $word\n    end\nend",
    }
    Test "test" {
        group: Group::Tests,
        words: "limit D|tag NAME…|alone [NAME]|fails TEXT|title TEXT|points N",
        summary: phrase!(
            en "at a script's top: how `sockbook test` runs it, and what reports call it",
            es "al comienzo de un script: cómo lo ejecuta `sockbook test`, y cómo lo llaman los informes"
        ),
        note: phrase!(
            en "`limit`: the limit of the script. `tag`: for `--filter tag:NAME`. `alone`: nothing else runs beside \
                it, or nothing else of that NAME. `fails`: it is known to fail, and passing is then a failure.",
            es "`limit`: el límite del script. `tag`: para `--filter tag:NAME`. `alone`: nada más se ejecuta a la vez, \
                o nada más con ese NAME. `fails`: se sabe que falla, y pasar es entonces una falla."
        ),
        python: "@pytest.mark.slow",
        example: "test limit 5s\ntest tag slow\nprint hello",
    }
    Fails "fails" {
        role: Role::Wrapper,
        group: Group::Tests,
        words: "[ERROR…] COMMAND…",
        takes: Takes::Command,
        summary: phrase!(
            en "succeed only if the command fails, and so; without a name, if a call fails, but by no time-out",
            es "tiene éxito solo si el comando falla, y así; sin nombre, si falla una llamada, pero no por un plazo agotado"
        ),
        python: "with pytest.raises(ConnectionRefusedError): …",
        example: "socket inet stream\nfails ECONNREFUSED connect 127.0.0.1 1",
    }
}

/// The command after which a bare `=` is a word of its own, and does not stand behind names: `let a = 5`.
pub const BINDS: &str = "let";

/// The words after which a line holds expressions or a condition, so that parentheses are words of their own. (After
/// `else`, `if` is one too.)
const EXPRESSIONS: &[&str] = &[BINDS, SHARES, "expect", "return", "if", "while"];

/// The command that declares a name which all threads share: `share n = 0`.
pub const SHARES: &str = "share";

/// Is it a word after which a line holds expressions or a condition?
pub fn takes_expression(word: &str) -> bool {
    EXPRESSIONS.contains(&word)
}

/// The row of a keyword.
pub fn find(word: &str) -> Option<&'static Form> {
    Keyword::of(word).map(Keyword::row)
}

impl Keyword {
    /// Its row.
    pub fn row(self) -> &'static Form {
        &FORMS[self as usize]
    }

    /// Does it open a block?
    pub fn opens(self) -> bool {
        matches!(self.row().role, Role::Loop | Role::Block | Role::Body)
    }

    /// The block in which it begins another arm.
    pub fn arm_of(self) -> Option<Keyword> {
        match self.row().role {
            Role::Arm(block) => Some(block),
            _ => None,
        }
    }

    /// Is the word kept from being a name?
    pub fn is_reserved(self) -> bool {
        self.row().role != Role::Wrapper
    }
}

impl Form {
    /// Its line as the usage shows it: `while CONDITION`.
    pub fn line(&self) -> String {
        joined([self.name, self.words])
    }

    /// All of it as the usage shows it: `while CONDITION … end`.
    pub fn usage(&self) -> String {
        joined([self.name, self.words, self.rest])
    }

    /// Is it part of another keyword's block, and shown in its usage?
    pub fn is_part(&self) -> bool {
        matches!(self.role, Role::Arm(_) | Role::End)
    }
}

fn joined<const N: usize>(parts: [&str; N]) -> String {
    parts.into_iter().filter(|p| !p.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_keyword_finds_its_own_row() {
        for form in FORMS {
            assert_eq!(find(form.name).map(|f| f.keyword), Some(form.keyword), "{}", form.name);
            assert!(!form.summary.en.is_empty(), "{} says nothing", form.name);
            let shown = form.example.split_whitespace().any(|word| word == form.name);
            assert!(shown || form.takes == Takes::Path, "the example of {} does not hold it", form.name);
        }
    }
}
