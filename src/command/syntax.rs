//! What a command or a keyword is typed with: its parameters and options, and how the usage shows them.

use crate::text::forms::{Form, Keyword};
use crate::words::Phrase;

/// An option a command takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OptionSpec {
    pub name: &'static str,
    /// What its value is called in the usage; `None` for a switch.
    pub value: Option<&'static str>,
    pub about: Phrase,
}

impl OptionSpec {
    /// May it be given several times? Its value's name ends in `…` then.
    pub fn repeats(&self) -> bool {
        self.value.is_some_and(|value| value.ends_with('…'))
    }

    /// `--timeout DURATION`
    pub fn usage(&self) -> String {
        match self.value {
            Some(value) => format!("{} {}", self.name, value.trim_end_matches('…')),
            None => self.name.to_string(),
        }
    }
}

/// What the words of a parameter are, for usage, completion and messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `HOST PORT`, `PATH` or an address.
    Target,
    Host,
    Port,
    Data,
    /// A program and its arguments.
    Program,
    Integer,
    Duration,
    /// One of these words.
    Word(&'static [&'static str]),
    Socket,
    Sockets,
    /// A thread, a call in the background or a program.
    Job,
    /// One of `set`'s, and its value.
    Setting,
    Path,
    /// The path of a script.
    Script,
    Text,
    /// The name of an error or of a class.
    Error,
    Condition,
    Binding,
    Command,
    Words,
    SocketOption,
    /// Options only, no words of its own.
    Options,
}

/// A parameter of a command.
#[derive(Clone, Copy, Debug)]
pub struct ParamInfo {
    pub name: &'static str,
    pub kind: Kind,
    pub optional: bool,
    /// How the type would show it in the usage; empty for options.
    pub usage: &'static str,
    pub options: &'static [OptionSpec],
    /// It limits how long the command may take, so the command may block.
    pub blocks: bool,
}

impl ParamInfo {
    /// Has it words of its own?
    pub fn has_words(&self) -> bool {
        !self.usage.is_empty()
    }

    /// What stands for its words: where the type says little, its name.
    pub fn shown(&self) -> String {
        match self.usage {
            "N" | "INTEGER" | "TEXT" => self.name.to_uppercase(),
            usage => usage.to_string(),
        }
    }

    /// As [`ParamInfo::shown`], in brackets where it may be left out.
    pub fn placeholder(&self) -> String {
        let shown = self.shown();
        if self.optional && !shown.starts_with('[') { format!("[{shown}]") } else { shown }
    }
}

/// What is typed: of a command its row's, of a keyword its form's.
#[derive(Clone, Copy)]
pub struct Syntax {
    pub name: &'static str,
    pub params: &'static [ParamInfo],
    /// A keyword's words, which are no parameters of types.
    words: &'static str,
}

impl Syntax {
    /// The syntax of a command.
    pub const fn new(name: &'static str, params: &'static [ParamInfo]) -> Syntax {
        Syntax { name, params, words: "" }
    }

    /// The syntax of a keyword's line.
    pub fn of(form: &'static Form) -> Syntax {
        Syntax { name: form.name, params: &[], words: form.words }
    }

    /// The syntax of a call of a `def`.
    pub fn of_call() -> Syntax {
        Syntax::of(Keyword::Def.row())
    }

    /// Is it a `def`, or a call of one?
    pub fn is_definition(self) -> bool {
        self.name == Keyword::Def.row().name
    }

    /// Every option it takes.
    pub fn options(self) -> impl Iterator<Item = &'static OptionSpec> {
        self.params.iter().flat_map(|p| p.options)
    }

    /// The usage shows its options before its data, where they are read more easily.
    pub fn takes_data(self) -> bool {
        self.params.iter().any(|p| matches!(p.kind, Kind::Data | Kind::Program))
    }

    /// How many words stand before the program and its words.
    pub fn words_before_program(self) -> Option<usize> {
        let mut params = self.params.iter().filter(|p| p.has_words());
        params.position(|p| p.kind == Kind::Program)
    }

    /// `recv [N] [--timeout DURATION]`
    pub fn usage(self) -> String {
        let options: String = self
            .options()
            .map(|o| format!(" [{}]{}", o.usage(), if o.repeats() { "…" } else { "" }))
            .collect();
        let (name, words) = (self.name, self.words());
        if self.takes_data() { format!("{name}{options}{words}") } else { format!("{name}{words}{options}") }
    }

    /// The parameters as the usage shows them, each after a blank; no options.
    pub fn words(self) -> String {
        let keyword = if self.words.is_empty() { String::new() } else { format!(" {}", self.words) };
        let shown = self.params.iter().filter(|p| p.has_words()).map(|p| format!(" {}", p.placeholder()));
        keyword + &shown.collect::<String>()
    }

    /// What a parameter that is missing is called.
    pub fn wanted(self, parameter: &str) -> String {
        self.params.iter().find(|p| p.name == parameter).map_or(parameter.to_uppercase(), |p| {
            // `[N]` is N; `[LEVEL] NAME` is as it stands; words of the language that may be left out say nothing.
            let mut shown = p.shown();
            for group in ["[not] ", " [else TEXT]"] {
                shown = shown.replace(group, "");
            }
            let whole = shown.strip_prefix('[').and_then(|u| u.strip_suffix(']'));
            whole.filter(|u| !u.contains(']')).unwrap_or(&shown).to_string()
        })
    }
}
