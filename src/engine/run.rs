//! Steps on a session: the interpreter.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::program::{Block, Call, Except, Fails, For, Function, If, Invoke, Kept, Kind, Step, Targets, Try};
use crate::net::gate::Gate;
use crate::session::Session;
use crate::text::diagnostic::Span;
use crate::text::tree::Answer;
use crate::value::Value;
use crate::value::errno::{Caught, Class, Code};
use crate::value::outcome::{CallError, Fact, Halt, Miss, MissKind, Outcome, Reply, SocketFacts};
use crate::words::Sentence;

/// A line that has run, for the watcher.
pub struct Event<'a> {
    /// What `begin` gave.
    pub number: u32,
    /// The command and its words.
    pub span: Span,
    /// The name of the command.
    pub command: &'a str,
    /// The socket it was about.
    pub socket: Option<Arc<str>>,
    /// What it gave, or why it ended the script.
    pub result: Result<&'a Outcome, &'a Halt>,
    /// From its start to its end.
    pub took: Duration,
    /// What the script says that it shows.
    pub answer: Option<&'a Answer>,
}

/// The watcher of a run, which is told of its lines: the prompt, `--echo`, `--format json`, `test`, or a plain run.
///
/// Threads of a script share one: it takes turns by itself.
pub trait Watch: Send + Sync {
    /// Is this line wanted, with what is read only to be shown? A plain run wants only what
    /// prints, which it is handed in any case.
    ///
    /// Once a line without an answer is not wanted, none is until a setting changes: it is not asked
    /// again.
    fn wants(&self, session: &Session, answer: Option<&Answer>) -> bool;

    /// A line is about to run; the number it bears.
    fn begin(&self, _session: &mut Session, _span: Span) -> u32 {
        0
    }

    /// A line has run. An error back ends the script: an answer that did not hold.
    fn done(&self, session: &mut Session, event: &Event<'_>) -> Result<(), Box<Halt>>;

    /// The script, or one of its threads, is over: the calls that it made since its last line are still to be shown.
    fn over(&self, _session: &mut Session) {}

    /// The next line may wait: what was printed must be seen now.
    fn flush(&self, gate: &Gate);
}

/// How a block ended. As large as a pointer, so that it comes back in a register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum Flow {
    Next,
    Break,
    Continue,
    /// The value is the runner's, until `Runner::returned` takes it.
    Return,
}

type Ran = Result<Flow, Box<Halt>>;

/// Runs steps on a session, and tells an observer of each line.
pub struct Runner<'a> {
    /// What the steps act on.
    pub session: &'a mut Session,
    /// The `def`s that lines may call, by index.
    pub functions: Arc<[Arc<Function>]>,
    /// What is told of each line.
    pub watch: Arc<dyn Watch>,
    /// A background call was announced with this number before its thread began.
    announced: Option<u32>,
    /// The sockets as they stood when something failed that nothing will catch.
    pub standing: Option<Vec<SocketFacts>>,
    /// What the last `return` gave.
    value: Value,
    /// How many `try` blocks around this line have an `except`.
    catching: usize,
    /// Blocks and calls inside one another: the stack has an end.
    depth: usize,
    /// The lowest address that the stack of this thread may grow down to.
    stack_end: usize,
    /// How often each `def` is on its way now, by index.
    on_their_way: Vec<usize>,
    /// The `def` whose body runs.
    function: Option<usize>,
    /// How many signals had come when one first ended a block: another ends its `finally` too.
    signals: Option<u32>,
}

/// Blocks and calls inside one another.
const DEEPEST: usize = 1000;

/// How long `finally` has when the whole script's limit is over.
const GRACE: Duration = Duration::from_secs(2);

impl<'a> Runner<'a> {
    /// A runner of steps on `session`, whose lines may call `functions`.
    pub fn new(session: &'a mut Session, functions: Arc<[Arc<Function>]>, watch: Arc<dyn Watch>) -> Self {
        session.has_changed();
        Runner {
            session,
            functions,
            watch,
            announced: None,
            standing: None,
            value: Value::Nothing,
            catching: 0,
            depth: 0,
            stack_end: here().saturating_sub(crate::net::kernel::stack_room()),
            on_their_way: Vec::new(),
            function: None,
            signals: None,
        }
    }

    /// The next line bears this number: it was announced before.
    pub(super) fn announced(&mut self, number: Option<u32>) {
        self.announced = number;
    }

    fn announce(&mut self, span: Span) -> u32 {
        match self.announced.take() {
            Some(number) => number,
            None => self.watch.begin(self.session, span),
        }
    }

    /// What the `return` gave that has just ended a block.
    pub(super) fn returned(&mut self) -> Value {
        std::mem::take(&mut self.value)
    }

    /// Runs the steps of a block until one of them goes elsewhere.
    pub fn run(&mut self, block: &Block) -> Ran {
        self.enter()?;
        let ran = self.steps(block);
        self.depth -= 1;
        ran
    }

    /// A block begins inside those that run: there may not be too many.
    fn enter(&mut self) -> Result<(), Box<Halt>> {
        if self.depth >= DEEPEST || here() < self.stack_end {
            let detail = crate::value::outcome::Detail::Depth { most: self.depth };
            return Err(CallError::class(Class::RecursionError, detail).into());
        }
        self.depth += 1;
        Ok(())
    }

    /// The rounds of a loop: as long as `more` says so.
    fn rounds(
        &mut self,
        step: &Step,
        body: &Block,
        mut more: impl FnMut(&mut Self) -> Result<bool, Box<Halt>>,
    ) -> Ran {
        self.enter()?;
        let ran = loop {
            match more(self) {
                Ok(true) => {}
                Ok(false) => break Ok(Flow::Next),
                Err(halt) => break Err(placed(halt, step.span)),
            }
            // A loop without calls must hear Ctrl-C too.
            if let Some(stop) = self.session.caller.gate.stopped() {
                break Err(placed(self.session.caller.halt("", stop, None, None), step.span));
            }
            match self.steps(body) {
                Ok(Flow::Next | Flow::Continue) => {}
                Ok(Flow::Break) => break Ok(Flow::Next),
                other => break other,
            }
        };
        self.depth -= 1;
        ran
    }

    fn steps(&mut self, block: &Block) -> Ran {
        for step in block {
            match &step.kind {
                // The usual line, which ends in one way only.
                Kind::Call(call) => self.call(step.span, call, Targets::None)?,
                _ => match self.step(step)? {
                    Flow::Next => {}
                    other => return Ok(other),
                },
            }
        }
        Ok(Flow::Next)
    }

    /// Runs one step: a line or a whole block.
    pub fn step(&mut self, step: &Step) -> Ran {
        match &step.kind {
            Kind::Call(call) => self.call(step.span, call, Targets::None).map(|()| Flow::Next),
            Kind::Kept(kept) => self.kept(step, kept).map(|()| Flow::Next),
            Kind::Fails(fails) => self.fails(step.span, fails),
            Kind::Invoke(invoke) => self.invoke(step.span, invoke),
            Kind::Repeat { count, body } => {
                let count = count.get(self.session).and_then(|value| repeat_count(&value));
                let mut left = count.map_err(|halt| placed(halt, step.span))?;
                self.rounds(step, body, |_| {
                    left -= 1;
                    Ok(left >= 0)
                })
            }
            Kind::While { condition, body } => {
                self.rounds(step, body, |runner| Ok(condition.test(runner.session)?.holds))
            }
            Kind::For(block) => {
                let For { name, words, body } = &**block;
                let (mut words, mut items, mut at) = (words.iter(), Arc::new(Vec::new()), 0);
                self.rounds(step, body, |runner| {
                    while at == items.len() {
                        let Some(word) = words.next() else { return Ok(false) };
                        items = match word.get(runner.session)? {
                            Value::List(items) => items,
                            one => Arc::new(vec![one]),
                        };
                        at = 0;
                    }
                    runner.session.assign(*name, items[at].clone());
                    at += 1;
                    Ok(true)
                })
            }
            Kind::If(block) => {
                let If { arms, otherwise } = &**block;
                for (condition, body) in arms {
                    if condition.test(self.session).map_err(|halt| placed(halt, step.span))?.holds {
                        return self.run(body);
                    }
                }
                self.run(otherwise)
            }
            Kind::Try(tried) => self.tried(tried),
            Kind::Break => Ok(Flow::Break),
            Kind::Continue => Ok(Flow::Continue),
            Kind::Return(value) => {
                self.value = match value {
                    Some(expr) => expr.get(self.session).map_err(|halt| placed(halt, step.span))?,
                    None => Value::Nothing,
                };
                Ok(Flow::Return)
            }
            Kind::Lines(body) => self.run(body),
            Kind::Nothing => Ok(Flow::Next),
            Kind::Spawn(spawn) => self.spawn(step.span, spawn),
            Kind::Background(background) => self.background(step.span, background),
        }
    }

    /// Flushes what was printed, before a call that may wait.
    #[inline]
    fn flush(&mut self) {
        if self.session.take_unseen() {
            self.watch.flush(&self.session.caller.gate);
        }
    }

    /// Hands a fact to the watcher.
    fn show(&mut self, event: &Event<'_>) -> Result<(), Box<Halt>> {
        let verdict = self.watch.done(self.session, event);
        self.session.has_printed();
        verdict
    }

    /// Flushes what was printed before a call that may wait. Where a watcher wants the line, does all of it.
    fn before_call(&mut self, span: Span, call: &Call, targets: Targets) -> Option<Result<(), Box<Halt>>> {
        if self.session.is_watched() {
            if self.watch.wants(self.session, None) {
                return Some(self.watched(span, call, targets, None));
            }
            self.session.set_unwatched();
        }
        if call.row.shape.waits {
            self.flush();
        }
        None
    }

    fn call(&mut self, span: Span, call: &Call, targets: Targets) -> Result<(), Box<Halt>> {
        if self.session.wants_attention()
            && let Some(done) = self.before_call(span, call, targets)
        {
            return done;
        }
        let outcome = self.perform(call).map_err(|halt| self.placed(halt, span))?;
        match &outcome.fact {
            Fact::Nothing => Ok(()),
            _ if outcome.has_result() => {
                started_by(&outcome, span);
                self.keep(outcome, targets);
                Ok(())
            }
            _ => self.print(span, call, outcome),
        }
    }

    /// Shows what a line is there to show.
    #[cold]
    fn print(&mut self, span: Span, call: &Call, outcome: Outcome) -> Result<(), Box<Halt>> {
        self.show(&Event {
            number: 0,
            span,
            command: call.row.name,
            socket: None,
            result: Ok(&outcome),
            took: Duration::ZERO,
            answer: None,
        })
        .map_err(|halt| placed(halt, span))
    }

    /// A command whose result is kept, or whose answer may be compared.
    fn kept(&mut self, step: &Step, kept: &Kept) -> Result<(), Box<Halt>> {
        let Kept { call, targets, answer } = kept;
        if answer.is_some() && self.watch.wants(self.session, answer.as_deref()) {
            return self.watched(step.span, call, *targets, answer.as_deref());
        }
        self.call(step.span, call, *targets)
    }

    /// The same with every fact handed on.
    #[cold]
    fn watched(
        &mut self,
        span: Span,
        call: &Call,
        targets: Targets,
        answer: Option<&Answer>,
    ) -> Result<(), Box<Halt>> {
        let number = self.announce(span);
        self.session.has_printed();
        if call.row.shape.waits {
            self.flush();
        }
        let about = match call.socket {
            Some(place) => self.session.socket_at(place).ok(),
            None if call.row.shape.on_socket => self.session.current(),
            None => None,
        };
        let begun = Instant::now();
        let reply = self.perform(call);
        let took = begun.elapsed();
        let reply = reply.map_err(|halt| self.placed(halt, span));
        // Named first, so that what is shown bears the name.
        let reply = reply.map(|mut outcome| {
            self.name(&mut outcome, targets);
            outcome
        });
        let event = Event {
            number,
            span,
            command: call.row.name,
            socket: about.as_ref().map(|s| s.name()),
            result: reply.as_ref().map_err(|halt| &**halt),
            took,
            answer,
        };
        let verdict = self.show(&event);
        let outcome = reply?;
        started_by(&outcome, span);
        self.keep(outcome, targets);
        verdict.map_err(|halt| placed(halt, span))
    }

    /// Gives sockets their names before they are shown.
    fn name(&mut self, outcome: &mut Outcome, targets: Targets) {
        if let (Targets::One(place) | Targets::Two(place, _), Value::Socket(_)) = (targets, &outcome.value) {
            self.session.assign(place, outcome.value.clone());
        }
        if let (Targets::Two(_, place), Value::Socket(_)) = (targets, &outcome.second) {
            self.session.assign(place, outcome.second.clone());
        }
    }

    fn perform(&mut self, call: &Call) -> Reply {
        self.session.aim(call.socket);
        (call.action)(self.session)
    }

    /// Puts results where they belong: into the names, and into `$_`.
    pub fn keep(&mut self, outcome: Outcome, targets: Targets) {
        if outcome.has_result() {
            self.assign(&outcome.value, &outcome.second, targets);
            self.session.set_last(outcome.value, outcome.second);
        }
    }

    fn assign(&mut self, value: &Value, second: &Value, targets: Targets) {
        match targets {
            Targets::None => {}
            Targets::One(place) => self.session.assign(place, value.clone()),
            Targets::Two(one, two) => {
                self.session.assign(one, value.clone());
                self.session.assign(two, second.clone());
            }
        }
    }

    fn fails(&mut self, span: Span, fails: &Fails) -> Ran {
        let begun = Instant::now();
        let miss = |kind| Box::new(Halt::Miss(Miss { span: Some(span), kind }));
        let result = match &fails.step.kind {
            Kind::Call(call) => {
                if call.row.shape.waits {
                    self.flush();
                }
                self.perform(call).map(|outcome| {
                    let value = outcome.value.clone();
                    self.keep(outcome, Targets::None);
                    value
                })
            }
            _ => self.step(&fails.step).map(|_| Value::Nothing),
        };
        let error = match result.map_err(|halt| *halt) {
            Err(Halt::Error(error)) => error,
            Err(other) => return Err(placed(Box::new(other), span)),
            Ok(got) => {
                let got = self.session.look(&got).unwrap_or(Value::Nothing);
                return Err(miss(MissKind::DidNotFail { wanted: fails.names.clone(), got }));
            }
        };
        let by_name =
            fails.wanted.iter().any(|w| w.catches(error.code) && (!error.is_timeout() || w.is_timeout()));
        let any = fails.wanted.is_empty() && !error.is_timeout() && error.is_of_a_call();
        if !by_name && !any {
            let kind = MissKind::FailedOtherwise { wanted: fails.names.clone(), error: Box::new(error) };
            return Err(miss(kind));
        }
        let outcome =
            Outcome { value: Value::Error(Arc::new(error)), second: Value::Nothing, fact: Fact::Value };
        self.tell(span, "fails", &outcome, begun, fails.answer.as_deref())?;
        self.keep(outcome, fails.targets);
        Ok(Flow::Next)
    }

    fn invoke(&mut self, span: Span, invoke: &Invoke) -> Ran {
        // The time is needed only where a watcher may want it.
        let begun = (self.session.is_watched() || invoke.answer.is_some()).then(Instant::now);
        let Some(function) = self.functions.get(invoke.function).cloned() else { return Ok(Flow::Next) };
        let mut arguments = Vec::with_capacity(invoke.arguments.len());
        for expr in &invoke.arguments {
            arguments.push(expr.get(self.session).map_err(|halt| placed(halt, span))?);
        }
        self.session.enter(function.locals, arguments).map_err(|halt| placed(halt, span))?;
        // Calls without a loop must hear Ctrl-C too.
        if let Some(stop) = self.session.caller.gate.stopped() {
            self.session.leave();
            return Err(placed(self.session.caller.halt("", stop, None, None), span));
        }
        let outer = self.function.replace(invoke.function);
        if self.on_their_way.len() <= invoke.function {
            self.on_their_way.resize(self.functions.len(), 0);
        }
        self.on_their_way[invoke.function] += 1;
        let flow = self.run(&function.body).map_err(|halt| placed(halt, span));
        self.on_their_way[invoke.function] -= 1;
        self.function = outer;
        self.session.leave();
        let value = if flow? == Flow::Return { self.returned() } else { Value::Nothing };
        let fact = if matches!(value, Value::Nothing) { Fact::Nothing } else { Fact::Value };
        let outcome = Outcome { value, second: Value::Nothing, fact };
        // A line of its body may have changed what is watched.
        if begun.is_some() || self.session.is_watched() {
            let begun = begun.unwrap_or_else(Instant::now);
            self.tell(span, &function.name, &outcome, begun, invoke.answer.as_deref())?;
        }
        match (&outcome.fact, invoke.targets) {
            (Fact::Nothing, Targets::One(place)) => self.session.assign(place, Value::Nothing),
            _ => self.keep(outcome, invoke.targets),
        }
        Ok(Flow::Next)
    }

    /// Tells the watcher of a line that is no call of its own.
    fn tell(
        &mut self,
        span: Span,
        command: &str,
        outcome: &Outcome,
        begun: Instant,
        answer: Option<&Answer>,
    ) -> Result<(), Box<Halt>> {
        if !self.watch.wants(self.session, answer) {
            return Ok(());
        }
        let number = self.announce(span);
        let took = begun.elapsed();
        let event = Event { number, span, command, socket: None, result: Ok(outcome), took, answer };
        self.show(&event).map_err(|halt| placed(halt, span))
    }

    fn tried(&mut self, tried: &Try) -> Ran {
        let catches = usize::from(!tried.excepts.is_empty());
        self.catching += catches;
        let mut ran = self.run(&tried.body);
        self.catching -= catches;
        if let Err(halt) = &ran
            && self.passes_by(halt)
        {
            return ran;
        }
        if let Err(halt) = ran {
            ran = match self.handler(tried, &halt) {
                Some(except) => self.except(except, *halt),
                None => Err(halt),
            };
        }
        let Some(finally) = &tried.finally else { return ran };
        if let Err(halt) = &mut ran {
            if self.catching == 0 {
                self.stand(halt);
            }
            self.make_way(halt);
        }
        // A line of it may call what returns something too.
        let value = self.returned();
        let last = self.run(finally);
        match (last, ran) {
            (Ok(Flow::Next), ran) => {
                self.value = value;
                ran
            }
            // What `except` may not take is not to be hidden by `finally` either.
            (_, Err(halt)) if !matches!(*halt, Halt::Error(_) | Halt::Exit(_) | Halt::Skip { .. }) => {
                Err(halt)
            }
            // Nor does the script pass with an error on its way.
            (Err(end), Err(halt)) if matches!(*end, Halt::Exit(_) | Halt::Skip { .. }) => Err(halt),
            // As in Python: leaving `finally` by a jump or an error forgets what was on its way.
            (last, _) => last,
        }
    }

    /// Whether an end passes a `try` by, its `finally` too: a second Ctrl-C or SIGTERM, and a recursion without end until
    /// it is out of the outermost call of its `def`, since a block that calls it again would take time without end.
    fn passes_by(&mut self, halt: &Halt) -> bool {
        match halt {
            Halt::Signal { .. } => {
                let came = crate::net::gate::asked_to_end().map_or(0, |(_, count)| count);
                came > *self.signals.get_or_insert(came)
            }
            Halt::Error(error) if error.code == Code::Class(Class::RecursionError) => {
                self.function.is_some_and(|at| self.on_their_way.get(at).is_some_and(|&n| n > 1))
            }
            _ => false,
        }
    }

    fn handler<'t>(&self, tried: &'t Try, halt: &Halt) -> Option<&'t Except> {
        let Halt::Error(error) = halt else { return None };
        let catches = |c: &Caught| c.catches(error.code);
        tried.excepts.iter().find(|e| e.caught.is_empty() || e.caught.iter().any(catches))
    }

    fn except(&mut self, except: &Except, halt: Halt) -> Ran {
        if let (Some(place), Halt::Error(error)) = (except.name, halt) {
            self.session.assign(place, Value::Error(Arc::new(error)));
        }
        self.run(&except.body)
    }

    /// Remembers the sockets for the report, before `finally` closes them, and adds to the error what they tell of it.
    pub fn stand(&mut self, halt: &mut Halt) {
        self.session.advise(halt);
        if self.standing.is_none() {
            self.standing = Some(self.session.socket_facts());
        }
    }

    /// What ended the script must not end its `finally` blocks too.
    fn make_way(&mut self, halt: &Halt) {
        match halt {
            Halt::Signal { .. } | Halt::Cancelled { .. } => {
                self.session.caller.gate.reset();
                // The script itself can be interrupted again; a thread has only this long.
                if self.session.thread.is_some() {
                    self.session.caller.gate.end_within(GRACE);
                }
            }
            Halt::Limit { .. } => self.session.caller.gate.end_within(GRACE),
            _ => {}
        }
    }
}

/// A program knows the line that started it.
fn started_by(outcome: &Outcome, span: Span) {
    if let Value::Process(process) = &outcome.value {
        process.set_started(span);
    }
}

/// An address on the stack, near its end.
fn here() -> usize {
    let local = 0u8;
    std::hint::black_box(&raw const local) as usize
}

#[cold]
fn repeat_count(value: &Value) -> Result<i64, Box<Halt>> {
    match value.to_int() {
        Some(n) if n >= 0 => Ok(n),
        _ => {
            let found = Sentence::plain(value.to_literal());
            let detail = crate::value::outcome::Detail::NotA {
                wanted: phrase!(en "a number of times", es "un número de veces"),
                found,
            };
            Err(CallError::class(Class::ValueError, detail).into())
        }
    }
}

impl Runner<'_> {
    /// As [`placed`]; the sockets that threads wait on get their names too.
    #[cold]
    fn placed(&self, mut halt: Box<Halt>, at: Span) -> Box<Halt> {
        if let Halt::Error(CallError { waiting, .. }) | Halt::Limit { waiting, .. } = &mut *halt {
            self.session.name_waiting(waiting);
        }
        placed(halt, at)
    }
}

/// The innermost line knows best where it happened.
#[cold]
pub fn placed(mut halt: Box<Halt>, at: Span) -> Box<Halt> {
    match &mut *halt {
        Halt::Error(CallError { span, .. })
        | Halt::Miss(Miss { span, .. })
        | Halt::Fail { span, .. }
        | Halt::Limit { span, .. }
        | Halt::Died { span, .. }
        | Halt::Cancelled { span }
        | Halt::Signal { span, .. } => *span = span.or(Some(at)),
        Halt::Skip { .. } | Halt::Exit(_) => {}
    }
    halt
}
