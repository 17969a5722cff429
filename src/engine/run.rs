//! Steps on a session: the interpreter.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::program::{Block, Call, Except, Fails, For, Function, If, Invoke, Kept, Kind, Step, Targets, Try};
use crate::command;
use crate::command::expr::{Expr, at_word};
use crate::net::gate::{Gate, asked_to_end, ending_signal};
use crate::session::names::Place;
use crate::session::{Engine, Ran, Session, Stack};
use crate::text::diagnostic::{Diagnostic, Span};
use crate::text::tree::Answer;
use crate::value::errno::{Caught, Class, Code};
use crate::value::outcome::{CallError, Detail, Fact, Halt, Miss, MissKind, Outcome, Reply, SocketFacts};
use crate::value::way::{Leg, LegKind};
use crate::value::{Value, ask_within};
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
    /// What it gave has a name now.
    pub named: bool,
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

    /// Are the commands in words, `$(…)`, wanted too?
    fn wants_inner(&self, _session: &Session) -> bool {
        false
    }

    /// A command in a word has run; the line that it stands in goes on.
    fn inner(&self, _session: &mut Session, _event: &Event<'_>) -> Result<(), Box<Halt>> {
        Ok(())
    }

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

type Flows = Result<Flow, Box<Halt>>;

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
    /// What the last `return` gave.
    value: Value,
}

/// What a line of a `def` named when it was typed, and is still not there.
#[cold]
fn missing(problem: &Diagnostic) -> Box<Halt> {
    let error = CallError::class(Class::NameError, Detail::Text(problem.message.clone()));
    let error = match &problem.help {
        Some(help) => error.advice(help.clone()),
        None => error,
    };
    placed(error.into(), problem.span)
}

/// Blocks and calls inside one another.
const DEEPEST: usize = 1000;

/// What a word of a line needs to call a `def`.
struct Within {
    functions: Arc<[Arc<Function>]>,
    watch: Arc<dyn Watch>,
}

impl Engine for Within {
    fn invoke(
        &self,
        session: &mut Session,
        function: usize,
        arguments: Vec<Value>,
        at: Span,
    ) -> Result<Value, Box<Halt>> {
        let (functions, watch) = (self.functions.clone(), self.watch.clone());
        let mut runner = Runner { session, functions, watch, announced: None, value: Value::Nothing };
        runner.enter().map_err(|halt| placed(halt, at))?;
        let value = runner.call_def(at, function, arguments);
        runner.session.stack.depth -= 1;
        value
    }

    fn flush(&self, gate: &Gate) {
        self.watch.flush(gate);
    }

    fn tells_inner(&self, session: &Session) -> bool {
        self.watch.wants_inner(session)
    }

    fn tell_inner(&self, session: &mut Session, ran: &Ran<'_>) -> Result<(), Box<Halt>> {
        let Ran { span, command, ref socket, result, took } = *ran;
        let event = Event {
            number: 0,
            span,
            command,
            socket: socket.clone(),
            result,
            took,
            answer: None,
            named: false,
        };
        self.watch.inner(session, &event)
    }
}

/// How long `finally` has when the whole script's limit is over.
const GRACE: Duration = Duration::from_secs(2);

impl<'a> Runner<'a> {
    /// A runner of steps on `session`, whose lines may call `functions`.
    pub fn new(session: &'a mut Session, functions: Arc<[Arc<Function>]>, watch: Arc<dyn Watch>) -> Self {
        session.has_changed();
        session.engine = Some(Arc::new(Within { functions: functions.clone(), watch: watch.clone() }));
        let end = here().saturating_sub(crate::net::kernel::stack_room());
        session.stack = Stack { end, ..Stack::default() };
        Runner { session, functions, watch, announced: None, value: Value::Nothing }
    }

    /// The sockets as they stood when something failed that nothing will catch, once.
    pub fn take_standing(&mut self) -> Option<Vec<SocketFacts>> {
        self.session.stack.standing.take()
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
    pub fn run(&mut self, block: &Block) -> Flows {
        self.enter()?;
        let ran = self.steps(block);
        self.session.stack.depth -= 1;
        ran
    }

    /// A block begins inside those that run: there may not be too many.
    fn enter(&mut self) -> Result<(), Box<Halt>> {
        if self.session.stack.depth >= DEEPEST || here() < self.session.stack.end {
            let detail = crate::value::outcome::Detail::Depth { most: self.session.stack.depth };
            return Err(CallError::class(Class::RecursionError, detail).into());
        }
        self.session.stack.depth += 1;
        Ok(())
    }

    /// The rounds of a loop: as long as `more` says so.
    fn rounds(&mut self, step: &Step, body: &Block, mut rounds: impl Rounds<'a>) -> Flows {
        self.enter()?;
        let mut number = 0;
        let ran = loop {
            number += 1;
            match rounds.next(self) {
                Ok(true) => {}
                Ok(false) => break Ok(Flow::Next),
                Err(halt) => break Err(placed(halt, step.span)),
            }
            // A loop without calls must hear Ctrl-C too.
            if let Some(stop) = self.session.caller.gate.stopped() {
                break Err(placed(self.session.caller.halt("", stop, None, None), step.span));
            }
            let failed = self.session.stack.failed.len();
            let ran = self.steps(body);
            let leg = || Leg { span: step.span, kind: LegKind::Round { number, values: rounds.values() } };
            self.subtests_leave(failed, leg);
            match ran {
                Ok(Flow::Next | Flow::Continue) => {}
                Ok(Flow::Break) => break Ok(Flow::Next),
                Err(mut halt) => {
                    halt.leaves(leg);
                    break Err(halt);
                }
                other => break other,
            }
        };
        self.session.stack.depth -= 1;
        ran
    }

    fn steps(&mut self, block: &Block) -> Flows {
        for step in block {
            match &step.kind {
                // The usual line, which ends in one way only.
                Kind::Call(call) => self.call(step.span, call, &Targets::None)?,
                _ => match self.step(step)? {
                    Flow::Next => {}
                    other => return Ok(other),
                },
            }
        }
        Ok(Flow::Next)
    }

    /// Runs one step: a line or a whole block.
    pub fn step(&mut self, step: &Step) -> Flows {
        match &step.kind {
            Kind::Call(call) => self.call(step.span, call, &Targets::None).map(|()| Flow::Next),
            Kind::Kept(kept) => self.kept(step, kept).map(|()| Flow::Next),
            Kind::Fails(fails) => self.fails(step.span, fails),
            Kind::Invoke(invoke) => self.invoke(step.span, invoke),
            Kind::Repeat { count, body } => {
                let count = count.get(self.session).and_then(|value| repeat_count(&value));
                let mut left = count.map_err(|halt| placed(halt, step.span))?;
                self.rounds(step, body, |_: &mut Self| {
                    left -= 1;
                    Ok(left >= 0)
                })
            }
            Kind::While { condition, body } => self.rounds(step, body, |runner: &mut Self| {
                runner.session.caller.observers.begin_line(Some(step.span));
                Ok(condition.test(runner.session)?.holds)
            }),
            Kind::For(block) => {
                let rounds = self.rounds_of(block).map_err(|halt| placed(halt, step.span))?;
                self.rounds(step, &block.body, rounds)
            }
            Kind::If(block) => {
                let If { arms, otherwise } = &**block;
                self.session.caller.observers.begin_line(Some(step.span));
                for (condition, body) in arms {
                    let verdict = condition.test(self.session);
                    let verdict = self.session.caller.in_time(verdict);
                    if verdict.map_err(|halt| placed(halt, step.span))?.holds {
                        return self.run(body);
                    }
                }
                self.run(otherwise)
            }
            Kind::Try(tried) => self.tried(tried),
            Kind::Break => Ok(Flow::Break),
            Kind::Continue => Ok(Flow::Continue),
            Kind::Return(values) => {
                let value = self.value_of(values);
                let value = self.session.caller.in_time(value);
                self.value = value.map_err(|halt| placed(halt, step.span))?;
                Ok(Flow::Return)
            }
            Kind::Lines(body) => {
                let failed = self.session.stack.failed.len();
                let ran = self.run(body);
                let leg = || Leg { span: step.span, kind: LegKind::Source };
                self.subtests_leave(failed, leg);
                ran.map_err(|mut halt| {
                    halt.leaves(leg);
                    halt
                })
            }
            Kind::Nothing => Ok(Flow::Next),
            Kind::Spawn(spawn) => self.spawn(step.span, spawn),
            Kind::Subtest(subtest) => self.subtest(step.span, subtest),
            Kind::Background(background) => self.background(step.span, background),
            Kind::Missing(problem) => Err(missing(problem)),
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
    fn before_call(&mut self, span: Span, call: &Call, targets: &Targets) -> Option<Result<(), Box<Halt>>> {
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

    fn call(&mut self, span: Span, call: &Call, targets: &Targets) -> Result<(), Box<Halt>> {
        self.session.caller.observers.begin_line(Some(span));
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
                self.keep(outcome, targets).map_err(|halt| placed(halt, span))
            }
            _ if matches!(targets, Targets::None) => self.print(span, call, outcome),
            // A table that is named is shown too.
            _ => {
                let value = outcome.value.clone();
                self.print(span, call, outcome)?;
                self.assign(&value, &Value::Nothing, targets).map_err(|halt| placed(halt, span))
            }
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
            named: false,
        })
        .map_err(|halt| placed(halt, span))
    }

    /// A command whose result is kept, or whose answer may be compared.
    fn kept(&mut self, step: &Step, kept: &Kept) -> Result<(), Box<Halt>> {
        let Kept { call, targets, answer } = kept;
        if answer.is_some() && self.watch.wants(self.session, answer.as_deref()) {
            return self.watched(step.span, call, targets, answer.as_deref());
        }
        self.call(step.span, call, targets)
    }

    /// The same with every fact handed on.
    #[cold]
    fn watched(
        &mut self,
        span: Span,
        call: &Call,
        targets: &Targets,
        answer: Option<&Answer>,
    ) -> Result<(), Box<Halt>> {
        self.session.caller.observers.begin_line(Some(span));
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
            named: !matches!(targets, Targets::None),
        };
        let verdict = self.show(&event);
        let outcome = reply?;
        started_by(&outcome, span);
        let kept = self.keep(outcome, targets);
        verdict.and(kept).map_err(|halt| placed(halt, span))
    }

    /// Gives sockets their names before they are shown.
    fn name(&mut self, outcome: &mut Outcome, targets: &Targets) {
        if let (Targets::One(place) | Targets::Two(place, _), Value::Socket(_)) = (targets, &outcome.value) {
            self.session.assign(*place, outcome.value.clone());
        }
        if let (Targets::Two(_, place), Value::Socket(_)) = (targets, &outcome.second) {
            self.session.assign(*place, outcome.second.clone());
        }
    }

    fn perform(&mut self, call: &Call) -> Reply {
        self.session.aim(call.socket);
        let reply = (call.action)(self.session);
        self.session.caller.in_time(reply)
    }

    /// Puts results where they belong: into the names, and into `$_`.
    pub fn keep(&mut self, outcome: Outcome, targets: &Targets) -> Result<(), Box<Halt>> {
        if outcome.has_result() {
            let assigned = self.assign(&outcome.value, &outcome.second, targets);
            self.session.set_last(outcome.value, outcome.second);
            return assigned;
        }
        match targets {
            Targets::None => Ok(()),
            // A table is shown, and what it shows has a value for who names it.
            targets => self.assign(&outcome.value, &outcome.second, targets),
        }
    }

    fn assign(&mut self, value: &Value, second: &Value, targets: &Targets) -> Result<(), Box<Halt>> {
        match targets {
            Targets::None => {}
            Targets::One(place) => self.session.assign(*place, value.clone()),
            Targets::Two(one, two) => {
                self.session.assign(*one, value.clone());
                self.session.assign(*two, second.clone());
            }
            Targets::Apart(places, names) => self.take_apart(value, second, places, *names)?,
        }
        Ok(())
    }

    /// The items of a list, or the two of a pair, into as many names.
    fn take_apart(
        &mut self,
        value: &Value,
        second: &Value,
        places: &[Place],
        names: Span,
    ) -> Result<(), Box<Halt>> {
        let pair = [value.clone(), second.clone()];
        let items = match value {
            _ if !matches!(second, Value::Nothing) => &pair[..],
            value => command::items_of(value, places.len()).map_err(|halt| at_word(halt, names))?,
        };
        if items.len() != places.len() {
            return Err(at_word(command::other_count(items.len(), places.len()), names));
        }
        for (place, item) in places.iter().zip(items) {
            self.session.assign(*place, item.clone());
        }
        Ok(())
    }

    /// What a `return` gives: one value, or a list of several.
    fn value_of(&mut self, values: &[Expr]) -> Result<Value, Box<Halt>> {
        Ok(match values {
            [] => Value::Nothing,
            [one] => one.get(self.session)?,
            several => {
                let values = several.iter().map(|e| e.get(self.session)).collect::<Result<Vec<_>, _>>()?;
                ask_within(&values)?;
                Value::list(values)
            }
        })
    }

    /// What a `for` goes over, as it is now.
    fn rounds_of<'b>(&mut self, block: &'b For) -> Result<Items<'b>, Box<Halt>> {
        let mut items = Vec::new();
        for word in &block.words {
            match word.get(self.session)? {
                Value::Map(map) if block.names.len() == 2 => {
                    let pairs = map.iter().flat_map(|(key, value)| [key.clone(), value.clone()]);
                    items.push(Value::list(pairs.collect()));
                }
                Value::Map(map) => items.push(Value::list(map.keys().cloned().collect())),
                other => items.push(other),
            }
        }
        let names = &block.names;
        Ok(Items { names, items: items.into_iter(), list: Arc::default(), at: 0, now: Vec::new() })
    }

    fn fails(&mut self, span: Span, fails: &Fails) -> Flows {
        let begun = Instant::now();
        let miss = |kind| Box::new(Halt::Miss(Miss { span: Some(span), ..Miss::new(kind) }));
        let result = match &fails.step.kind {
            Kind::Call(call) => {
                self.session.caller.observers.begin_line(Some(span));
                if call.row.shape.waits {
                    self.flush();
                }
                self.perform(call).and_then(|outcome| {
                    let value = outcome.value.clone();
                    self.keep(outcome, &Targets::None)?;
                    Ok(value)
                })
            }
            _ => self.step(&fails.step).map(|_| Value::Nothing),
        };
        let error = match result.map_err(|halt| *halt) {
            // A command in one of its words is not the one that is to fail.
            Err(Halt::Error(error)) if !error.inner => error,
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
        self.tell(span, "fails", &outcome, begun, fails.answer.as_deref(), &fails.targets)?;
        self.keep(outcome, &fails.targets).map_err(|halt| placed(halt, span))?;
        Ok(Flow::Next)
    }

    fn invoke(&mut self, span: Span, invoke: &Invoke) -> Flows {
        // The time is needed only where a watcher may want it.
        let begun = (self.session.is_watched() || invoke.answer.is_some()).then(Instant::now);
        let mut arguments = Vec::with_capacity(invoke.arguments.len());
        for expr in &invoke.arguments {
            arguments.push(expr.get(self.session).map_err(|halt| placed(halt, span))?);
        }
        let value = self.call_def(span, invoke.function, arguments)?;
        let fact = if matches!(value, Value::Nothing) { Fact::Nothing } else { Fact::Value };
        let outcome = Outcome { value, second: Value::Nothing, fact };
        // A line of its body may have changed what is watched.
        if begun.is_some() || self.session.is_watched() {
            let begun = begun.unwrap_or_else(Instant::now);
            let name = self.functions.get(invoke.function).map_or_else(|| "".into(), |f| f.name.clone());
            self.tell(span, &name, &outcome, begun, invoke.answer.as_deref(), &invoke.targets)?;
        }
        match (&outcome.fact, &invoke.targets) {
            (Fact::Nothing, targets) => self.assign(&Value::Nothing, &Value::Nothing, targets),
            (_, targets) => self.keep(outcome, targets),
        }
        .map_err(|halt| placed(halt, span))?;
        Ok(Flow::Next)
    }

    /// Calls a `def`, and gives what it returns.
    fn call_def(&mut self, span: Span, index: usize, mut arguments: Vec<Value>) -> Result<Value, Box<Halt>> {
        let Some(function) = self.functions.get(index).cloned() else { return Ok(Value::Nothing) };
        let plain = function.parameters.len() - usize::from(function.rest);
        let rest = arguments.split_off(plain.min(arguments.len()));
        let given = arguments.len();
        self.enter_def(span, index, &function, arguments)?;
        if function.rest {
            ask_within(&rest).map_err(|error| placed(error.into(), span))?;
            self.session.assign(Place::Local(plain as u32), Value::list(rest));
        }
        self.run_def(span, index, &function, given)
    }

    fn enter_def(
        &mut self,
        span: Span,
        index: usize,
        function: &Function,
        arguments: Vec<Value>,
    ) -> Result<(), Box<Halt>> {
        self.session.enter(function.locals, arguments).map_err(|halt| placed(halt, span))?;
        // Calls without a loop must hear Ctrl-C too.
        if let Some(stop) = self.session.caller.gate.stopped() {
            self.session.leave();
            return Err(placed(self.session.caller.halt("", stop, None, None), span));
        }
        let on_their_way = &mut self.session.stack.on_their_way;
        if on_their_way.len() <= index {
            on_their_way.resize(self.functions.len(), 0);
        }
        on_their_way[index] += 1;
        Ok(())
    }

    /// Runs the body of a `def` whose call has so many words for its arguments, and leaves it.
    fn run_def(
        &mut self,
        span: Span,
        index: usize,
        function: &Function,
        given: usize,
    ) -> Result<Value, Box<Halt>> {
        let outer = self.session.stack.function.replace(index);
        let failed = self.session.stack.failed.len();
        let flow = self.defaults(function, given).and_then(|()| self.run(&function.body));
        if failed < self.session.stack.failed.len() {
            let leg = self.call_leg(span, function);
            self.subtests_leave(failed, || leg.clone());
        }
        let flow = flow.map_err(|mut halt| {
            if let Halt::Error(error) = &mut *halt {
                // Whatever failed in it, the call of the `def` has.
                error.inner = false;
            }
            let mut halt = placed(halt, span);
            halt.leaves(|| self.call_leg(span, function));
            halt
        });
        self.session.stack.on_their_way[index] -= 1;
        self.session.stack.function = outer;
        self.session.leave();
        Ok(if flow? == Flow::Return { self.returned() } else { Value::Nothing })
    }

    /// The arguments for which the call has no words.
    fn defaults(&mut self, function: &Function, given: usize) -> Result<(), Box<Halt>> {
        let plain = function.parameters.len() - usize::from(function.rest);
        let required = plain - function.defaults.len();
        for at in given.max(required)..plain {
            let default = &function.defaults[at - required];
            let value = default.get(self.session).map_err(|halt| placed(halt, default.span))?;
            self.session.assign(Place::Local(at as u32), value);
        }
        Ok(())
    }

    /// The call of a `def` that a failure leaves, with its arguments.
    #[cold]
    fn call_leg(&self, span: Span, function: &Function) -> Leg {
        let values = self.session.locals().iter().map(|value| value.clone().unwrap_or(Value::Nothing));
        let arguments = function.parameters.iter().cloned().zip(values).collect();
        Leg { span, kind: LegKind::Call { def: function.name.clone(), arguments } }
    }

    /// Tells the watcher of a line that is no call of its own.
    fn tell(
        &mut self,
        span: Span,
        command: &str,
        outcome: &Outcome,
        begun: Instant,
        answer: Option<&Answer>,
        targets: &Targets,
    ) -> Result<(), Box<Halt>> {
        if !self.watch.wants(self.session, answer) {
            return Ok(());
        }
        let number = self.announce(span);
        let took = begun.elapsed();
        let named = !matches!(targets, Targets::None);
        let event = Event { number, span, command, socket: None, result: Ok(outcome), took, answer, named };
        self.show(&event).map_err(|halt| placed(halt, span))
    }

    fn tried(&mut self, tried: &Try) -> Flows {
        let catches = usize::from(!tried.excepts.is_empty());
        self.session.stack.catching += catches;
        let mut ran = self.run(&tried.body);
        self.session.stack.catching -= catches;
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
        // Its lines have the grace then, and do not hear of the limit at once.
        ran = self.session.caller.in_time(ran);
        if let Err(halt) = &mut ran {
            if let Some(last) = tried.body.last() {
                halt.place(last.span);
            }
            if self.session.stack.catching == 0 {
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
            (last, Err(halt)) if stays(&halt, &last) => Err(halt),
            (last, _) => last,
        }
    }

    /// Whether an end passes a `try` by, its `finally` too: a second Ctrl-C or SIGTERM, and a recursion without end until
    /// it is out of the outermost call of its `def`, since a block that calls it again would take time without end.
    fn passes_by(&mut self, halt: &Halt) -> bool {
        match halt {
            Halt::Signal { .. } => {
                let came = crate::net::gate::asked_to_end().map_or(0, |(_, count)| count);
                came > *self.session.stack.signals.get_or_insert(came)
            }
            Halt::Error(error) if error.code == Code::Class(Class::RecursionError) => self
                .session
                .stack
                .function
                .is_some_and(|at| self.session.stack.on_their_way.get(at).is_some_and(|&n| n > 1)),
            _ => false,
        }
    }

    fn handler<'t>(&self, tried: &'t Try, halt: &Halt) -> Option<&'t Except> {
        let Halt::Error(error) = halt else { return None };
        let catches = |c: &Caught| c.catches(error.code);
        tried.excepts.iter().find(|e| e.caught.is_empty() || e.caught.iter().any(catches))
    }

    fn except(&mut self, except: &Except, halt: Halt) -> Flows {
        if let (Some(place), Halt::Error(error)) = (except.name, halt) {
            self.session.assign(place, Value::Error(Arc::new(error)));
        }
        self.run(&except.body)
    }

    /// Remembers the sockets for the report, before `finally` closes them, and adds to the error what they tell of it.
    pub fn stand(&mut self, halt: &mut Halt) {
        self.session.advise(halt);
        if self.session.stack.standing.is_none() {
            self.session.stack.standing = Some(self.session.socket_facts());
        }
    }

    /// What ended the script must not end its `finally` blocks too.
    fn make_way(&mut self, halt: &Halt) {
        match halt {
            Halt::Signal { .. } | Halt::Cancelled { .. } => {
                self.session.caller.gate.reset();
                // Only what Ctrl-C interrupts can be interrupted again. A thread has this long; so has a script that
                // SIGTERM ends, or any signal in a run of tests, whose reports are still to be written.
                let is_test = asked_to_end().is_some() && !self.session.caller.gate.is_main();
                if self.session.thread.is_some() || is_test || ending_signal().is_some() {
                    self.session.caller.gate.end_within(GRACE);
                }
            }
            Halt::Limit { .. } => self.session.caller.gate.end_within(GRACE),
            _ => {}
        }
    }
}

/// Is what was on its way not to be forgotten for what a `finally` ended with? Only an error is, as in Python, for a jump
/// or another error. What `except` may not take is not to be hidden by `finally` either; but a script that was to end well
/// fails with it.
fn stays(halt: &Halt, last: &Flows) -> bool {
    match (halt, last) {
        (Halt::Error(_), Ok(_)) => false,
        (Halt::Error(_), Err(last)) => matches!(**last, Halt::Exit { .. } | Halt::Skip { .. }),
        (Halt::Exit { code: 0, .. } | Halt::Skip { .. }, Err(last)) => {
            matches!(**last, Halt::Exit { code: 0, .. } | Halt::Skip { .. })
        }
        _ => true,
    }
}

/// What begins the rounds of a loop.
trait Rounds<'a> {
    /// Begins the next round; false where there is none.
    fn next(&mut self, runner: &mut Runner<'a>) -> Result<bool, Box<Halt>>;

    /// The names of this round with their values.
    fn values(&self) -> Vec<(Arc<str>, Value)>;
}

/// A loop that asks before each round, and has no names.
impl<'a, F: FnMut(&mut Runner<'a>) -> Result<bool, Box<Halt>>> Rounds<'a> for F {
    fn next(&mut self, runner: &mut Runner<'a>) -> Result<bool, Box<Halt>> {
        self(runner)
    }

    fn values(&self) -> Vec<(Arc<str>, Value)> {
        Vec::new()
    }
}

/// What is left of what a `for` goes over.
struct Items<'b> {
    names: &'b [(Arc<str>, Place)],
    /// The values of its words.
    items: std::vec::IntoIter<Value>,
    /// The list that it is in, and where.
    list: Arc<Vec<Value>>,
    at: usize,
    /// The values of this round.
    now: Vec<Value>,
}

impl<'a> Rounds<'a> for Items<'_> {
    fn next(&mut self, runner: &mut Runner<'a>) -> Result<bool, Box<Halt>> {
        let names = self.names;
        self.now.clear();
        let Some(first) = self.next_value() else { return Ok(false) };
        match (first, names.len()) {
            (Value::List(items), 2..) => self.now.extend(items.iter().cloned()),
            (first, count) => {
                self.now.push(first);
                let more = std::iter::from_fn(|| self.next_value()).take(count - 1);
                let more: Vec<Value> = more.collect();
                self.now.extend(more);
            }
        }
        if self.now.len() != names.len() {
            return Err(command::other_count(self.now.len(), names.len()));
        }
        for ((_, place), value) in names.iter().zip(&self.now) {
            runner.session.assign(*place, value.clone());
        }
        Ok(true)
    }

    fn values(&self) -> Vec<(Arc<str>, Value)> {
        self.names.iter().map(|(name, _)| name.clone()).zip(self.now.iter().cloned()).collect()
    }
}

impl Items<'_> {
    fn next_value(&mut self) -> Option<Value> {
        loop {
            if let Some(item) = self.list.get(self.at) {
                self.at += 1;
                return Some(item.clone());
            }
            match self.items.next()? {
                Value::List(items) => (self.list, self.at) = (items, 0),
                one => return Some(one),
            }
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
    halt.place(at);
    halt
}
