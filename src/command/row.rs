//! A row of the one table: what is typed, what it stands for, what it does.

use super::words::{OptionSpec, Words};
use crate::session::Session;
use crate::value::outcome::Reply;

/// A command whose words have been read; running it makes its calls.
pub type Action = Box<dyn Fn(&mut Session) -> Reply + Send + Sync>;

/// What a command gives, for assignments and help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gives {
    Nothing,
    /// One value, in words: "the address bound".
    One(&'static str),
    Pair(&'static str, &'static str),
}

/// Under which heading of the help it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    Life,
    Data,
    Options,
    Names,
    Bytes,
    Jobs,
    Tests,
    Session,
    Blocks,
}

impl Group {
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

    pub fn title(self) -> &'static str {
        match self {
            Group::Life => "Making, connecting and closing sockets",
            Group::Data => "Sending and receiving",
            Group::Options => "Options and readiness",
            Group::Names => "Names, services and addresses",
            Group::Bytes => "Bytes at hand",
            Group::Jobs => "Threads, background calls and programs",
            Group::Tests => "Expectations",
            Group::Session => "The session",
            Group::Blocks => "Blocks",
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
    Integer,
    Duration,
    /// One of these words.
    Word(&'static [&'static str]),
    Socket,
    Sockets,
    Path,
    Text,
    Condition,
    Binding,
    Command,
    Words,
    SocketOption,
    /// Options only, no words of its own.
    Options,
}

#[derive(Clone, Copy, Debug)]
pub struct ParamInfo {
    pub name: &'static str,
    pub kind: Kind,
    pub optional: bool,
    /// How the usage shows it.
    pub usage: &'static str,
    pub options: &'static [OptionSpec],
}

impl ParamInfo {
    /// How the usage shows it: where the type says little, by its name.
    pub fn shown(&self) -> String {
        match self.usage {
            "N" | "INTEGER" | "TEXT" => self.name.to_uppercase(),
            usage => usage.to_string(),
        }
    }
}

/// One command.
pub struct Command {
    pub name: &'static str,
    pub aliases: &'static [&'static str],
    pub group: Group,
    pub summary: &'static str,
    pub gives: Gives,
    /// `bind(2)`; empty where no call stands behind it.
    pub c: &'static str,
    pub rust: &'static str,
    pub python: &'static str,
    /// The errors it meets, by name.
    pub errors: &'static [&'static str],
    /// More to know, a sentence or some.
    pub note: &'static str,
    /// Lines that run as they stand, the command among them.
    pub example: &'static str,
    pub params: &'static [ParamInfo],
    /// What is asked of its parameters for every line that is read.
    pub shape: Shape,
    /// Reads the words; mistakes are reported to `Words`, and then there is no action.
    pub read: fn(&mut Words<'_>) -> Option<Action>,
}

/// What a row's parameters say of it, worked out by the compiler.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// It takes `--timeout`, and so may block.
    blocks: bool,
    /// Somebody may have to wait for it: what was printed must be seen before.
    pub waits: bool,
    /// A socket's name may stand before it.
    pub on_socket: bool,
    /// It enters a socket into the table.
    pub makes_socket: bool,
    /// It waits for jobs by name: which ones is noted for the whole script.
    pub waits_for_jobs: bool,
    words_before_data: Option<usize>,
}

impl Shape {
    pub const fn of(name: &str, group: Group, params: &[ParamInfo]) -> Shape {
        let (mut blocks, mut words, mut words_before_data) = (false, 0, None);
        let mut at = 0;
        while at < params.len() {
            let param = &params[at];
            let mut option = 0;
            while option < param.options.len() {
                blocks |= same(param.options[option].name, "--timeout");
                option += 1;
            }
            if matches!(param.kind, Kind::Data) && words_before_data.is_none() && !param.usage.is_empty() {
                words_before_data = Some(words);
            }
            words += !param.usage.is_empty() as usize;
            at += 1;
        }
        let makes = same(name, "socket") || same(name, "socketpair");
        let on_socket = match group {
            Group::Life => !makes,
            Group::Data | Group::Options => true,
            Group::Names => same(name, "getsockname") || same(name, "getpeername"),
            _ => false,
        };
        let makes_socket = makes || same(name, "accept") || same(name, "dup");
        let waits = blocks || same(name, "sleep");
        let waits_for_jobs = same(name, "wait");
        Shape { blocks, waits, on_socket, makes_socket, waits_for_jobs, words_before_data }
    }
}

const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut at = 0;
    while at < a.len() && at < b.len() && a[at] == b[at] {
        at += 1;
    }
    at == a.len() && at == b.len()
}

impl Command {
    /// Every option it takes.
    pub fn options(&self) -> impl Iterator<Item = &'static OptionSpec> + use<> {
        self.params.iter().flat_map(|p| p.options)
    }

    /// Does it take `--timeout`, and so may it block?
    pub fn blocks(&self) -> bool {
        self.shape.blocks
    }

    /// Options stand before its DATA only: what follows is data.
    pub fn takes_data(&self) -> bool {
        self.params.iter().any(|p| p.kind == Kind::Data)
    }

    /// How many words stand before its DATA.
    pub fn words_before_data(&self) -> Option<usize> {
        self.shape.words_before_data
    }

    /// `recv [N] [--timeout DURATION]`
    pub fn usage(&self) -> String {
        let mut out = self.name.to_string();
        let option = |o: &OptionSpec| match o.value {
            Some(value) => format!(" [{} {value}]", o.name),
            None => format!(" [{}]", o.name),
        };
        let options: String = self.options().map(option).collect();
        let before = self.takes_data();
        if before {
            out.push_str(&options);
        }
        out.push_str(&self.words());
        if !before {
            out.push_str(&options);
        }
        out
    }

    /// The parameters as the usage shows them, each after a blank; no options.
    fn words(&self) -> String {
        let mut out = String::new();
        for param in self.params.iter().filter(|p| !p.usage.is_empty()) {
            out.push(' ');
            let shown = param.shown();
            let optional = param.optional && !shown.starts_with('[');
            out.push_str(&if optional { format!("[{shown}]") } else { shown });
        }
        out
    }

    /// The usage where there is no room for the options, of which `…` says that there are some.
    pub fn short_usage(&self) -> String {
        let more = if self.options().next().is_some() { " …" } else { "" };
        format!("{}{}{more}", self.name, self.words())
    }
}

/// A row held to its function: the parameters are the function's, or it does not compile.
///
/// ```text
/// command!(Life, "bind", bind(at: Target), One("the address bound"),
///     "give the socket its own address",
///     c "bind(2)", rust "Socket::bind", python "sock.bind((host, port))",
///     errors ["EADDRINUSE"], like "socket inet stream\nbind 127.0.0.1 0")
/// ```
///
/// Options of commands that a script has on very many lines stand in brackets before the parameters: `send, [flags:
/// SendFlags, limit: Timeout], (data: Data)`. They are kept in one box, and a line that gives none keeps nothing.
macro_rules! command {
    ($group:ident, $name:literal $(| $alias:literal)*, $function:path,
     $([$($option:ident : $of:ty),* $(,)?],)? ($($param:ident : $type:ty),* $(,)?),
     $gives:expr, $summary:literal,
     c $c:literal, rust $rust:literal, python $python:literal,
     errors [$($error:literal),* $(,)?], $(note $note:expr,)? like $example:literal $(,)?) => {
        $crate::command::row::Command {
            name: $name,
            aliases: &[$($alias),*],
            group: $crate::command::row::Group::$group,
            summary: $summary,
            gives: $gives,
            c: $c,
            rust: $rust,
            python: $python,
            errors: &[$($error),*],
            note: concat!("" $(, $note)?),
            example: $example,
            params: const { &[
                $($($crate::command::row::param_info!($option: $of),)*)?
                $($crate::command::row::param_info!($param: $type)),*
            ] },
            shape: $crate::command::row::Shape::of(
                $name,
                $crate::command::row::Group::$group,
                &[
                    $($($crate::command::row::param_info!($option: $of),)*)?
                    $($crate::command::row::param_info!($param: $type)),*
                ],
            ),
            read: |words| {
                let _ = &words;
                $(let options = if words.is_plain() {
                    Some(None)
                } else {
                    $(let $option = <$of as $crate::command::param::Param>::read(words, stringify!($option));)*
                    $crate::command::row::together(|| Some(($($option?,)*)))
                };)?
                $(let $param = <$type as $crate::command::param::Param>::read(words, stringify!($param));)*
                $(let options: Option<Box<($($of,)*)>> = options?;)?
                $(let $param = $param?;)*
                words.finish()?;
                Some(Box::new(move |session: &mut $crate::session::Session| {
                    $(let ($($option,)*) = match options.as_deref() {
                        None => Default::default(),
                        Some(($($option,)*)) => ($($crate::command::param::Param::get($option, session)
                            .map_err(|halt| $crate::command::param::blamed(halt, stringify!($option)))?,)*),
                    };)?
                    $(let $param = $crate::command::param::Param::get(&$param, session)
                        .map_err(|halt| $crate::command::param::blamed(halt, stringify!($param)))?;)*
                    $function(session, $($($option,)*)? $($param),*)
                }))
            },
        }
    };
}
pub(crate) use command;

/// The options that a line gives, in one box; `None` where one of them was wrong.
pub(super) fn together<T>(options: impl FnOnce() -> Option<T>) -> Option<Option<Box<T>>> {
    options().map(|options| Some(Box::new(options)))
}

macro_rules! param_info {
    ($param:ident : $type:ty) => {
        $crate::command::row::ParamInfo {
            name: stringify!($param),
            kind: <$type as $crate::command::param::Param>::KIND,
            optional: <$type as $crate::command::param::Param>::OPTIONAL,
            usage: <$type as $crate::command::param::Param>::USAGE,
            options: <$type as $crate::command::param::Param>::OPTIONS,
        }
    };
}
pub(crate) use param_info;
