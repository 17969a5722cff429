//! What `set` sets, and the trace that `set trace on` and `--trace` switch on.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::Session;
use crate::net::door::{CallFact, Observer};
use crate::net::gate::Deadline;
use crate::picture::events::Recorder;
use crate::text::secrets;
use crate::value::outcome::Limit;
use crate::value::socket::Endpoint;
use crate::words::Lang;

/// How results are shown: `set format`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// As lines for people.
    #[default]
    Text,
    /// Bytes as hex.
    Hex,
    /// As one JSON object a line.
    Json,
}

/// The keys of the prompt's editor: `set keys`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keys {
    /// Those of a shell.
    #[default]
    Emacs,
    /// Those of vi, in its two modes.
    Vi,
}

/// What `set` sets.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The limit of each command that may wait; none: no limit.
    pub timeout: Option<Duration>,
    /// Who has set it.
    pub timeout_by: Limit,
    /// Numbered In and Out are shown.
    pub echo: bool,
    /// Each call is shown.
    pub trace: bool,
    /// The language of messages.
    pub lang: Lang,
    /// How results are shown.
    pub format: Format,
    /// At the prompt: news of the sockets, programs and background calls are told as they come.
    pub notify: bool,
    /// At the prompt: the sockets and their states stand below the line that is typed.
    pub status: bool,
    /// At the prompt: the keys of its editor.
    pub keys: Keys,
    /// At the prompt: what is longer than the window goes through a pager.
    pub pager: bool,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            timeout: None,
            timeout_by: Limit::CommandLine,
            echo: false,
            trace: false,
            lang: Lang::default(),
            format: Format::default(),
            notify: true,
            status: true,
            keys: Keys::default(),
            pager: true,
        }
    }
}

/// The observer that keeps one thread's calls until they are shown.
#[derive(Default)]
pub struct Trace(Mutex<Traced>);

/// So many bytes of a call's data are shown.
pub const DATA_SHOWN: usize = 256;

/// The calls since the last line was shown.
#[derive(Default)]
pub struct Traced {
    pub calls: Vec<Arc<CallFact>>,
    /// How many more there were than are kept.
    pub more: u64,
}

impl Observer for Trace {
    fn after(&self, fact: &Arc<CallFact>) {
        /// A single line can make any number of calls: `sendall --chunk 1`.
        const MOST: usize = 10_000;
        let mut traced = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if traced.calls.len() < MOST {
            traced.calls.push(fact.clone());
        } else {
            traced.more += 1;
        }
    }

    fn data(&self) -> usize {
        // A secret that is cut could not be found.
        DATA_SHOWN + secrets::longest()
    }
}

impl Session {
    /// `set trace on|off`: this thread's calls are kept for [`Session::take_calls`], or no longer.
    pub fn set_trace(&mut self, on: bool) {
        self.settings.trace = on;
        if let Some(trace) = self.trace.take() {
            let observer: Arc<dyn Observer> = trace;
            self.caller.observers.remove(&observer);
        }
        if on {
            let trace = Arc::new(Trace::default());
            self.caller.observers.add(trace.clone());
            self.trace = Some(trace);
        }
    }

    /// What happens from here on is kept, for pictures: so many bytes of each call. `told`: a trace shows the looks.
    pub fn keep_for_pictures(&mut self, data: usize, told: bool) {
        if self.picture.is_none() {
            let recorder = Recorder::new(data, told);
            self.caller.observers.add(recorder.clone());
            self.picture = Some(recorder);
        }
    }

    /// What was kept for pictures, where it is.
    pub fn kept_for_pictures(&self) -> Option<&Arc<Recorder>> {
        self.picture.as_ref()
    }

    /// The calls since the last time; none where there is no trace.
    pub fn take_calls(&mut self) -> Traced {
        let Some(trace) = &self.trace else { return Traced::default() };
        std::mem::take(&mut *trace.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// When a command has to be done: the smallest limit that applies. `socket`'s own counts for
    /// commands that loop; a single call is ended by the kernel.
    pub fn deadline(&self, command: Option<Duration>, socket: Option<&Endpoint>) -> Option<Deadline> {
        self.smallest(command, socket.and_then(Endpoint::timeout))
    }

    /// As [`Session::deadline`], for a command that sends.
    pub fn sending_deadline(&self, command: Option<Duration>, socket: &Endpoint) -> Option<Deadline> {
        self.smallest(command, socket.send_timeout())
    }

    /// The `--timeout` of the command that runs, read before its other words.
    pub fn limit_command(&mut self, limit: Option<Duration>) {
        self.limit = limit;
    }

    /// As [`Session::deadline`], for what a command reads before its call: the time counts from here on.
    pub fn early_deadline(&mut self) -> Option<Deadline> {
        self.begun.get_or_insert_with(Instant::now);
        self.smallest(self.limit, None)
    }

    fn smallest(&self, command: Option<Duration>, socket: Option<Duration>) -> Option<Deadline> {
        if command.is_none() && self.settings.timeout.is_none() && socket.is_none() {
            return self.within;
        }
        let all = [
            (command, Limit::Command),
            (self.settings.timeout, self.settings.timeout_by),
            (socket, Limit::Socket),
        ];
        let given = all.into_iter().filter_map(|(after, limit)| after.map(|a| (a, limit)));
        let (after, limit) = given.min_by_key(|&(after, _)| after)?;
        let deadline = Deadline::new(after, limit);
        let deadline = self.begun.map_or(deadline, |begun| deadline.since(begun));
        Some(deadline.sooner(self.within))
    }

    /// From here on no command takes longer than that, beside its own limits; what held before.
    pub fn limit_commands(&mut self, within: Option<Deadline>) -> Option<Deadline> {
        std::mem::replace(&mut self.within, within)
    }
}
