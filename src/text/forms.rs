//! The keywords: one row each. What a keyword does to the shape of a script (it opens a block, it begins an arm of
//! one) and what the help says of it stand here and nowhere else.
//!
//! The parser, the compiler, `check`, completion, the help, the manual page and the editors' grammar ask these rows.
//! A new keyword is a row here and its meaning in `engine/blocks.rs` (a block) or `engine/compile.rs` (a line).

use crate::words::Phrase;

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
            $($keyword),*
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
        python: "while condition:",
        example: "let n = 3\nwhile $n > 0\n    let n = $n - 1\nend",
    }
    For "for" {
        role: Role::Loop,
        words: "NAME in WORD…",
        rest: "… end",
        summary: phrase!(
            en "the lines inside once for each word, or for each item of a list",
            es "las líneas de adentro una vez por cada palabra, o por cada elemento de una lista"
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
        words: "NAME ARGUMENT…",
        rest: "… end",
        summary: phrase!(
            en "a command of your own; what it assigns stays inside",
            es "un comando propio; lo que asigna queda adentro"
        ),
        python: "def name(argument): …",
        example: "def greet who\n    print \"hola, ${who}\"\nend\ngreet mundo",
    }
    Spawn "spawn" {
        role: Role::Body,
        group: Group::Jobs,
        words: "NAME",
        rest: "… end",
        summary: phrase!(
            en "a thread: it sees the names as they are now and shares the sockets; `wait NAME` waits for it",
            es "un hilo: ve los nombres como están ahora y comparte los sockets; `wait NAME` lo espera"
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
        words: "[WORD]",
        summary: phrase!(
            en "leave a `def`, giving a value",
            es "sale de un `def` y entrega un valor"
        ),
        python: "return value",
        example: "def twice n\n    let m = $n * 2\n    return $m\nend\nx = twice 21\nprint $x",
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
