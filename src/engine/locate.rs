//! Where in a line the word stands that a failed call is about.

use crate::command;
use crate::command::row::Does;
use crate::command::words::Words;
use crate::session::names::Scope;
use crate::text::diagnostic::{Sources, Span};
use crate::text::forms::Keyword;
use crate::text::parse::{line_at, line_of};
use crate::text::words::Word;
use crate::value::errno::Caught;

/// The word at fault in a line that failed: the parameter's, else the command's.
///
/// The line is read again for it, so that running needs to remember nothing.
pub fn locate(sources: &Sources, span: Span, blame: Option<&str>) -> Span {
    let Some(line) = sources.source(span).and_then(|source| line_at(source, span)) else { return span };
    let line = match line.keyword {
        Some(Keyword::Fails) => {
            let known = |w: &&Word<'_>| w.bare().is_some_and(|t| Caught::from_name(t).is_some());
            let skip = line.words.iter().take_while(known).count();
            let mut problems = Vec::new();
            let rest = line.words[skip..].to_vec();
            let inner = line_of(rest, &mut problems);
            inner.unwrap_or(line)
        }
        // `share NAME = COMMAND WORD…`
        _ if command::find(&line.command.text).is_some_and(|row| row.does(Does::Shares)) => {
            let rest = line.words.iter().skip(2).cloned().collect();
            let inner = line_of(rest, &mut Vec::new());
            inner.filter(|inner| command::find(&inner.command.text).is_some()).unwrap_or(line)
        }
        _ => line,
    };
    let command = line.socket.as_ref().map_or(line.command.span, |s| s.span.to(line.command.span));
    let (Some(blame), Some(row)) = (blame, command::find(&line.command.text)) else { return command };
    if blame == "socket"
        && let Some(socket) = &line.socket
    {
        return socket.span;
    }
    let (mut scope, mut problems) = (Scope::lenient(), Vec::new());
    let mut words =
        Words::new(row.syntax(), line.command.span, &line.words, &mut scope, &mut problems).noting();
    let _ = (row.read)(&mut words);
    words.place_of(blame).unwrap_or(command)
}
