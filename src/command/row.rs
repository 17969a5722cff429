//! A row of the one table: what is typed, what it stands for, what it does.

pub use super::syntax::{Kind, OptionSpec, ParamInfo, Syntax};
use super::words::Words;
use crate::session::Session;
pub use crate::text::forms::Group;
use crate::value::outcome::Reply;
use crate::words::Phrase;

/// A command whose words have been read; running it makes its calls.
pub type Action = Box<dyn Fn(&mut Session) -> Reply + Send + Sync>;

/// What a command gives, for assignments and help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gives {
    Nothing,
    /// One value, in words: "the address bound".
    One(Phrase),
    Pair(Phrase, Phrase),
}

/// One command.
pub struct Command {
    pub name: &'static str,
    pub aliases: &'static [&'static str],
    pub group: Group,
    pub summary: Phrase,
    pub gives: Gives,
    /// `bind(2)`; empty where no call stands behind it.
    pub c: Phrase,
    pub rust: Phrase,
    pub python: &'static str,
    /// The errors it meets, by name.
    pub errors: &'static [&'static str],
    /// More to know, a sentence or some.
    pub note: Phrase,
    /// Lines that run as they stand, the command among them.
    pub example: &'static str,
    pub params: &'static [ParamInfo],
    /// What it does that others must know.
    pub does: &'static [Does],
    pub shape: Shape,
    /// Reads the words; mistakes are reported to `Words`, and then there is no action.
    pub read: fn(&mut Words<'_>) -> Option<Action>,
}

/// What a command does that is to be known without running it: `check`, the prompt and the runner ask for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Does {
    /// Makes a socket that is not connected.
    MakesSocket,
    /// Makes two sockets that are connected to each other.
    MakesPair,
    /// Makes a connected socket out of one that listens.
    Accepts,
    /// Makes another descriptor of a socket.
    Copies,
    Binds,
    Listens,
    Connects,
    Closes,
    /// Makes the socket of this name the current one.
    MakesCurrent,
    /// Sends to an address, without a connection.
    SendsTo,
    /// Takes bytes that have come.
    Receives,
    /// Sees bytes that have come and leaves them.
    Peeks,
    /// Takes what has come, however much of a message that is.
    TakesPart,
    /// Takes what comes beside the bytes too.
    ReceivesBeside,
    /// Moves bytes, which a stream does only when it is connected.
    NeedsPeer,
    /// Sets an option of a socket.
    SetsOption,
    /// Says whether calls wait.
    SetsBlocking,
    /// Reads numbers out of bytes.
    Unpacks,
    /// Is about a socket, although most of its group are not: a name may stand before it.
    OnSocket,
    /// Is about a program, whose name stands before it.
    OnProcess,
    /// Waits for threads and background calls by name.
    WaitsForJobs,
    /// Waits until a program listens at a port.
    WaitsForPort,
    /// Waits for nothing but the time.
    Sleeps,
    /// Waits for a line of standard input.
    Asks,
    /// Makes a script a test.
    Expects,
    /// Hands values of a fixture to the scripts of its folder.
    Exports,
    /// Ends the script.
    Ends,
    /// Only shows the words it is given.
    Prints,
    /// Only shows the session: a saved script can do without it.
    Looks,
    /// With no words it only shows the session.
    LooksAlone,
    /// Draws what has happened: all calls of its script are kept for it.
    Draws,
    /// Is what `COMMAND?` stands for.
    Helps,
    /// Its one result may be a list, which names before `=` take apart.
    GivesList,
    /// Its result is a map.
    GivesMap,
    /// Its result is an address.
    GivesAddress,
    /// Declares a name that all threads and `def`s have in common.
    Shares,
    /// Its first word is a network interface.
    TakesInterface,
    /// Its first word is a service.
    TakesService,
}

/// What a row says of its command, worked out by the compiler because it is asked for every line that runs.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// It takes a limit of time, and so may block.
    blocks: bool,
    /// It may wait: what was printed must be seen before.
    pub waits: bool,
    /// A socket's name may stand before it.
    pub on_socket: bool,
    /// It enters a socket into the table.
    pub makes_socket: bool,
}

impl Shape {
    pub const fn of(group: Group, params: &[ParamInfo], does: &[Does]) -> Shape {
        let mut blocks = false;
        let mut at = 0;
        while at < params.len() {
            blocks |= params[at].blocks;
            at += 1;
        }
        let makes = has(does, Does::MakesSocket) || has(does, Does::MakesPair);
        let on_socket = match group {
            Group::Life => !makes,
            Group::Data | Group::Options => true,
            _ => has(does, Does::OnSocket) || has(does, Does::OnProcess),
        };
        let makes_socket = makes || has(does, Does::Accepts) || has(does, Does::Copies);
        Shape {
            blocks,
            waits: blocks || has(does, Does::Sleeps) || has(does, Does::Asks),
            on_socket,
            makes_socket,
        }
    }
}

const fn has(list: &[Does], wanted: Does) -> bool {
    let mut at = 0;
    while at < list.len() {
        if list[at] as u8 == wanted as u8 {
            return true;
        }
        at += 1;
    }
    false
}

impl Command {
    /// What is typed.
    pub const fn syntax(&self) -> Syntax {
        Syntax::new(self.name, self.params)
    }

    /// Every option it takes.
    pub fn options(&self) -> impl Iterator<Item = &'static OptionSpec> + use<> {
        self.syntax().options()
    }

    /// Does it do this?
    pub fn does(&self, what: Does) -> bool {
        self.does.contains(&what)
    }

    /// May its result be a map?
    pub fn may_give_map(&self) -> bool {
        self.does(Does::GivesMap) || self.does(Does::GivesList)
    }

    /// Does it take `--timeout`, and so may it block?
    pub fn blocks(&self) -> bool {
        self.shape.blocks
    }

    /// `recv [N] [--timeout DURATION]`
    pub fn usage(&self) -> String {
        self.syntax().usage()
    }

    /// The usage where there is no room for the options, of which `…` says that there are some.
    pub fn short_usage(&self) -> String {
        let more = if self.options().next().is_some() { " …" } else { "" };
        format!("{}{}{more}", self.name, self.syntax().words())
    }
}

/// A row held to its function: the parameters are the function's, or it does not compile.
///
/// ```text
/// command!(Life, "bind", bind(at: Target), One(en "the address bound" es "la dirección asignada"),
///     en "give the socket its own address"
///     es "da al socket su propia dirección",
///     c "bind(2)", rust "Socket::bind", python "sock.bind((host, port))",
///     errors ["EADDRINUSE"], like "socket inet stream\nbind 127.0.0.1 0")
/// ```
///
/// Options of commands that a script has on very many lines stand in brackets before the parameters: `send, [flags:
/// SendFlags, limit: Timeout], (data: Data)`. They are kept in one box, and a line that gives none keeps nothing.
macro_rules! command {
    ($group:ident, $name:literal $(| $alias:literal)*, $function:path,
     $([$($option:ident : $of:ty),* $(,)?],)? ($($param:ident : $type:ty),* $(,)?),
     $gives:ident $(($(en $gives_en:literal es $gives_es:literal),*))?, en $en:literal es $es:literal,
     c $c:literal $(es $c_es:literal)?, rust $rust:literal $(es $rust_es:literal)?, python $python:literal,
     errors [$($error:literal),* $(,)?], $(does [$($does:ident),*],)? $(note en $note_en:literal es $note_es:literal,)? like $example:literal $(,)?) => {
        $crate::command::row::Command {
            name: $name,
            aliases: &[$($alias),*],
            group: $crate::command::row::Group::$group,
            summary: phrase!(en $en, es $es),
            gives: $crate::command::row::Gives::$gives
                $(($(phrase!(en $gives_en, es $gives_es)),*))?,
            c: $crate::command::row::call!($c $(, $c_es)?),
            rust: $crate::command::row::call!($rust $(, $rust_es)?),
            python: $python,
            errors: &[$($error),*],
            note: $crate::words::Phrase {
                en: concat!("" $(, $note_en)?),
                es: concat!("" $(, $note_es)?),
            },
            example: $example,
            params: const { &[
                $($($crate::command::row::param_info!($option: $of),)*)?
                $($crate::command::row::param_info!($param: $type)),*
            ] },
            does: &[$($($crate::command::row::Does::$does),*)?],
            shape: $crate::command::row::Shape::of(
                $crate::command::row::Group::$group,
                &[
                    $($($crate::command::row::param_info!($option: $of),)*)?
                    $($crate::command::row::param_info!($param: $type)),*
                ],
                &[$($($crate::command::row::Does::$does),*)?],
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

/// What a command stands for: names of calls, and where there are words among them, those in Spanish too.
macro_rules! call {
    ($names:literal) => {
        $crate::words::Phrase::same($names)
    };
    ($en:literal, $es:literal) => {
        phrase!(en $en, es $es)
    };
}
pub(crate) use call;

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
            blocks: <$type as $crate::command::param::Param>::BLOCKS,
        }
    };
}
pub(crate) use param_info;
