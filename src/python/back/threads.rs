//! `def`, `spawn`, `wait` and background calls as Python's functions and threads.

use super::code::{self, Code, Type, text_literal};
use super::given::Given;
use super::operand::Got;
use super::stack::Stack;
use super::values::shape;
use super::{DEFS, Made, Scope, Writer, effects};
use crate::command;
use crate::text::tree::{Arm, Line};
use crate::text::words::Word;

impl Writer<'_> {
    /// The call of a `def`.
    pub fn call(&mut self, name: &str, words: &[Word<'_>]) -> Got<Made> {
        let mut arguments = Vec::new();
        for (at, word) in words.iter().enumerate() {
            let value = self.value(word)?;
            self.note_def(name, &at.to_string(), value.of);
            arguments.push(value.text);
        }
        let of = self.type_of_def(name, "returns");
        Ok(Made::one(Code::atom(format!("{}({})", self.function_name(name), arguments.join(", ")), of)))
    }

    /// A `def`'s name in Python, where a value may not have the same.
    fn function_name(&self, name: &str) -> String {
        let is_free = |name: &str| !self.effects.is_value(name) && !self.effects.defs.contains(name);
        if !self.effects.is_value(name) {
            return code::name(name);
        }
        let mut own = format!("{name}_def");
        while !is_free(&own) {
            own.push('_');
        }
        code::name(&own)
    }

    /// `def NAME ARG… … end`
    pub fn define(&mut self, arm: &Arm<'_>, end: u32) -> Got<()> {
        let Some(name) = arm.head.words.first().and_then(|w| w.bare()).map(str::to_string) else {
            return Err(shape("def"));
        };
        let mut before = Vec::new();
        let mut parameters = Vec::new();
        let given = effects::arguments(&arm.head);
        let mut names = effects::assigned(&arm.body);
        let local = names.clone();
        names.extend(given.iter().map(|argument| argument.0.clone()));
        for (name, default, rest) in &given {
            let own = code::name(name);
            match default {
                Some(word) if word.literal().is_some() => {
                    let value = self.value(word)?;
                    parameters.push(format!("{own}={}", value.text));
                }
                Some(word) => {
                    // It is worked out at each call.
                    self.scopes.push(Scope { id: DEFS, def: None, names: names.clone(), repeats: true });
                    let value = self.value(word);
                    self.scopes.pop();
                    parameters.push(format!("{own}=None"));
                    before.push(format!("{own} = {} if {own} is None else {own}", value?.text));
                }
                None if *rest => {
                    parameters.push(format!("*{own}"));
                    before.push(format!("{own} = list({own})"));
                }
                None => parameters.push(own),
            }
        }
        let kinds: Vec<(Type, bool)> = given
            .iter()
            .map(|(_, default, rest)| {
                let literal = default.as_ref().map(|word| match word.literal() {
                    Some(_) => self.value(word).map_or(Type::Any, |value| value.of),
                    None => Type::Any,
                });
                (literal.unwrap_or(Type::Never), *rest)
            })
            .collect();
        let arguments: Vec<String> = given.into_iter().map(|argument| argument.0).collect();
        before.extend(self.globals(&names, &local, &arguments, arm));
        let head = format!("def {}({}):", self.function_name(&name), parameters.join(", "));
        for (at, (default, rest)) in kinds.into_iter().enumerate() {
            let of = match rest {
                true => Type::List,
                false => default.or(self.type_of_def(&name, &at.to_string())),
            };
            self.note_def(&name, &format!("{at} is"), of);
        }
        if !super::block::ends_in_jump(&arm.body) {
            self.note_def(&name, "returns", Type::Any);
        }
        self.function(
            &head,
            arm,
            end,
            names,
            Some((&name, &arguments)),
            before,
            Stack::unknown(self.is_dynamic()),
        )
    }

    /// The lines at the beginning of a function for the names of the script that it changes.
    fn globals(
        &mut self,
        names: &std::collections::HashSet<String>,
        local: &std::collections::HashSet<String>,
        arguments: &[String],
        arm: &Arm<'_>,
    ) -> Vec<String> {
        let mut lines = Vec::new();
        let mut shared: Vec<String> =
            local.iter().filter(|name| self.effects.shared.contains(*name)).cloned().collect();
        shared.sort();
        if !shared.is_empty() {
            let own: Vec<String> = shared.iter().map(|name| code::name(name)).collect();
            lines.push(format!("global {}", own.join(", ")));
        }
        let read = effects::read(&arm.body);
        let mut copied: Vec<&String> = names
            .iter()
            .filter(|name| {
                read.contains(*name)
                    && self.effects.script.contains(*name)
                    && !arguments.contains(name)
                    && !self.effects.shared.contains(*name)
            })
            .collect();
        copied.sort();
        for name in copied {
            let own = code::name(name);
            lines.push(format!("{own} = globals().get({})", text_literal(&own)));
        }
        lines
    }

    #[allow(clippy::too_many_arguments)]
    fn function(
        &mut self,
        head: &str,
        arm: &Arm<'_>,
        end: u32,
        names: std::collections::HashSet<String>,
        def: Option<(&str, &[String])>,
        before: Vec<String>,
        stack: Stack,
    ) -> Got<()> {
        let outer = std::mem::replace(&mut self.stack, stack);
        let loops = std::mem::take(&mut self.loops);
        let shared = &self.effects.shared;
        let arguments = def.map_or(&[][..], |(_, arguments)| arguments);
        let names =
            names.into_iter().filter(|name| !shared.contains(name) || arguments.contains(name)).collect();
        let id = self.next_scope;
        self.next_scope += 1;
        self.scopes.push(Scope { id, def: def.map(|(name, _)| name.to_string()), names, repeats: true });
        for (at, argument) in arguments.iter().enumerate() {
            let of = def.map_or(Type::Any, |(name, _)| self.type_of_def(name, &format!("{at} is")));
            self.note(argument, of);
        }
        self.head(head, arm);
        self.body(&arm.body, end, before);
        self.scopes.pop();
        self.loops = loops;
        self.stack = outer;
        Ok(())
    }

    /// `spawn NAME … end`
    pub fn spawn(&mut self, arm: &Arm<'_>, end: u32) -> Got<()> {
        let words = &arm.head.words;
        let Some(name) = words.first().and_then(|w| w.bare()).map(str::to_string) else {
            return Err(shape("spawn"));
        };
        let mut more = String::new();
        if words.iter().any(|w| w.is("--daemon")) {
            more.push_str(", daemon=True");
        }
        if !self.effects.is_waited(&name) {
            more.push_str(", waited=False");
        }
        let local = effects::assigned(&arm.body);
        let read = effects::read(&arm.body);
        // It sees the names as they are now.
        let mut seen: Vec<&String> = read
            .iter()
            .filter(|name| {
                self.is_assigned(name)
                    && !self.effects.shared.contains(*name)
                    && !self.effects.jobs.contains(*name)
                    && !self.effects.defs.contains(*name)
                    && self.is_given_above(name)
            })
            .collect();
        seen.sort();
        let parameters: Vec<String> =
            seen.iter().map(|name| code::name(name)).map(|own| format!("{own}={own}")).collect();
        let mut shared: Vec<String> =
            local.iter().filter(|name| self.effects.shared.contains(*name)).cloned().collect();
        shared.sort();
        let mut before = Vec::new();
        if !shared.is_empty() {
            let own: Vec<String> = shared.iter().map(|name| code::name(name)).collect();
            before.push(format!("global {}", own.join(", ")));
        }
        let decorator = format!("@{}({}{more})", self.helper("spawn"), text_literal(&name));
        self.line(&decorator);
        let head = format!("def {}({}):", code::name(&name), parameters.join(", "));
        let stack = self.stack.clone();
        self.function(&head, arm, end, local, None, before, stack)
    }

    /// Is the name given a value in the text above (the types of this pass know it)?
    pub fn is_given_above(&self, name: &str) -> bool {
        self.scopes.iter().any(|scope| self.found.types.contains_key(&(scope.id, name.to_string())))
    }

    /// `COMMAND &`
    pub fn beside(&mut self, line: &Line<'_>) -> Got<()> {
        let name = line.targets.first().map_or("&", |target| &*target.text).to_string();
        let made = self.command(line, !line.targets.is_empty())?;
        if made.code.text.contains(" = ") || made.code.text.contains('\n') {
            return Err(shape(&line.command.text));
        }
        let types = match made.pair {
            Some((first, second)) => vec![first, second],
            None => vec![made.code.of],
        };
        for (target, of) in line.targets.iter().zip(types) {
            if &*target.text != "_" {
                self.note(&target.text, of);
            }
        }
        let names: Vec<String> = line.targets.iter().map(|target| code::name(&target.text)).collect();
        let pair = made.pair.is_some();
        self.waiting.push((name.clone(), names, pair));
        let background = self.helper("background");
        let waited = if self.effects.is_waited(&name) { "" } else { ", waited=False" };
        self.line(&format!("{background}({}, lambda: {}{waited})", text_literal(&name), made.code.text));
        if made.makes {
            self.stack.forget();
        }
        Ok(())
    }

    /// `wait`, with the names that background calls before it give values.
    pub fn wait_for(&mut self, line: &Line<'_>, wants_last: bool) -> Got<()> {
        let Some(row) = command::find("wait") else { return Err(shape("wait")) };
        let given = Given::of(row, &line.words);
        let waited = given.word(0).and_then(|word| word.bare()).map(str::to_string);
        let (now, later): (Vec<_>, Vec<_>) = std::mem::take(&mut self.waiting)
            .into_iter()
            .partition(|(name, _, _)| waited.as_ref().is_none_or(|waited| waited == name));
        self.waiting = later;
        if now.iter().all(|(_, names, _)| names.is_empty()) {
            let wants = !line.targets.is_empty() || wants_last;
            let made = self.command(line, wants)?;
            // Only one that is named gives `$_` a value.
            return self.assign(line, made, wants_last && !given.words.is_empty());
        }
        if !line.targets.is_empty() {
            return Err(shape("wait"));
        }
        let mut limit = self.limit(&given)?.map(|limit| format!(", timeout={limit}")).unwrap_or_default();
        if waited.is_none() && !limit.is_empty() {
            // One limit for all of them.
            let join = self.helper("join_threads");
            self.line(&format!("{join}({})", limit.trim_start_matches(", ")));
            limit.clear();
        }
        let wait = self.helper("wait");
        for (name, mut names, pair) in now {
            if names.is_empty() {
                continue;
            }
            if pair && names.len() == 1 {
                names.push("_".into());
            }
            self.line(&format!("{} = {wait}({}{limit})", names.join(", "), text_literal(&name)));
            if wants_last && waited.is_some() {
                self.line(&format!("last = {}", names[0]));
            }
        }
        if waited.is_none() {
            self.line(&format!("{wait}()"));
        }
        Ok(())
    }
}
