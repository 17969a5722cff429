//! Names to slots, settled before anything runs.

use std::collections::HashSet;
use std::sync::Arc;

use super::kinds::{Doubt, Kind, Known};
use super::uses::{Owner, Use, Uses};
use crate::text::diagnostic::{Diagnostic, Later, Span, did_you_mean, nearest};
use crate::text::hash::NameMap;
use crate::text::parse::name_problem;
use crate::words::{Counted, Noun, Sentence};

/// Where a value is found when the script runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A name of the script.
    Slot(u32),
    /// A name of the `def` that runs.
    Local(u32),
    /// `$_`
    Last,
    /// `$_7`
    Out(u32),
    /// `$4`: an argument of the script.
    Argument(u32),
    /// `${tmpdir}`
    Tmpdir,
    /// `s3`: a socket by its number.
    Numbered(u32),
    /// A name that all threads and `def`s of the script have in common.
    Shared(u32),
}

impl Place {
    /// Have all threads and `def`s of the script this name in common?
    pub fn is_shared(self) -> bool {
        matches!(self, Place::Shared(_))
    }
}

/// A `def`, as its callers see it.
#[derive(Clone, Debug)]
pub struct Signature {
    /// The names of its arguments.
    pub parameters: Vec<String>,
    /// So many of them have no default, and stand first.
    pub required: usize,
    /// The last one is a list of what is left.
    pub rest: bool,
    /// Which of the program's functions it is.
    pub index: usize,
}

impl Signature {
    /// The most words its call may have; none where it takes any number.
    pub fn most(&self) -> Option<usize> {
        (!self.rest).then_some(self.parameters.len())
    }

    /// `greet WHO [PORT] [REST...]`
    pub fn usage(&self, name: &str) -> String {
        let mut out = name.to_string();
        for (at, parameter) in self.parameters.iter().enumerate() {
            let shown = parameter.to_uppercase();
            out.push_str(&match at {
                _ if self.rest && at + 1 == self.parameters.len() => format!(" [{shown}...]"),
                _ if at >= self.required => format!(" [{shown}]"),
                _ => format!(" {shown}"),
            });
        }
        out
    }

    /// The argument that a word of its call names: `port=80`.
    pub fn named_in<'w>(&self, word: &'w str) -> Option<&'w str> {
        let (name, _) = word.split_once('=')?;
        self.parameters.iter().any(|p| p == name).then_some(name)
    }
}

/// What is known of a slot at a place in the text.
#[derive(Clone, Copy, Debug)]
struct Facts {
    /// The text above gives it a value on some path.
    known: bool,
    /// Only the outside gives it one: `--var`, the environment.
    outside: bool,
    /// All threads and `def`s have it in common.
    shared: bool,
    /// It may stand for a map, by the last line that gave it a value.
    map: bool,
    /// It is a socket, by that line.
    socket: bool,
    /// What all lines above give it.
    kind: Kind,
}

impl Default for Facts {
    fn default() -> Facts {
        Facts { known: false, outside: false, shared: false, map: false, socket: false, kind: Kind::Unset }
    }
}

/// What is known at a place in the text.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    slots: NameMap<Arc<str>, u32>,
    /// The slots' names in order.
    pub order: Vec<Arc<str>>,
    /// What is known of the slots, in order.
    facts: Vec<Facts>,
    /// The names of a `def` that surely stand for none.
    plain_locals: HashSet<u32>,
    /// What the lines of a `def` give its names.
    local_kinds: Vec<Kind>,
    /// A line above may give a map: so may `$_` be one.
    any_map: bool,
    /// Properties that they do not have, by what is known above.
    pub(crate) doubts: Vec<Doubt>,
    /// The slots that became known inside a `spawn`, in order: they are forgotten behind it.
    made: Vec<u32>,
    /// In how many `spawn`s this place is.
    spawns: u32,
    /// Inside a `def`: its own names.
    locals: Option<NameMap<String, u32>>,
    /// The same in order.
    local_order: Vec<String>,
    /// The `def`s, by name.
    pub commands: NameMap<String, Signature>,
    /// How many arguments the script was given; `check` cannot know.
    pub arguments: Option<u32>,
    /// At the prompt: sockets and results of earlier lines are there to be named.
    pub prompt: bool,
    /// A line above makes a socket, so `s1` may be one.
    makes_sockets: bool,
    /// The file whose lines are read.
    pub file: Option<Arc<str>>,
    /// The text that is read is standard input: no line of it can be asked for.
    pub is_input: bool,
    /// Every name is taken for known: the text was checked before and is only read again.
    lenient: bool,
    /// Where names stand, for an editor that asks for it.
    pub uses: Option<Uses>,
    /// Inside a `def`: its index.
    def: u32,
}

/// What was known at a place in the text.
pub struct Mark {
    made: usize,
    /// How many names the `def` had.
    locals: usize,
}

/// The name of the script's own folder.
pub const HERE: &str = "here";

/// `s3` as 3.
pub fn socket_number(name: &str) -> Option<u32> {
    let digits = name.strip_prefix('s')?;
    if digits.starts_with('0') || digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok()
}

impl Scope {
    /// For text that was checked before.
    pub fn lenient() -> Scope {
        Scope { lenient: true, ..Scope::default() }
    }

    /// The place of a name that is being given a value here, of which nothing is known.
    pub fn assign(&mut self, name: &str) -> Place {
        self.assign_known(name, None)
    }

    /// The place of a name that is being given a value of this kind here.
    pub(crate) fn assign_known(&mut self, name: &str, known: Option<Known>) -> Place {
        let place = self.assign_place(name);
        match place {
            Place::Slot(slot) | Place::Shared(slot) => {
                let kind = &mut self.facts[slot as usize].kind;
                *kind = kind.and(known);
            }
            Place::Local(local) => {
                let local = local as usize;
                if self.local_kinds.len() <= local {
                    self.local_kinds.resize(local + 1, Kind::Unset);
                }
                self.local_kinds[local] = self.local_kinds[local].and(known);
            }
            _ => {}
        }
        place
    }

    /// What is known of the value at this place; nothing where it is no name's.
    fn kind(&self, place: Place) -> Option<Kind> {
        match place {
            Place::Slot(slot) | Place::Shared(slot) => self.facts.get(slot as usize).map(|facts| facts.kind),
            Place::Local(local) => self.local_kinds.get(local as usize).copied(),
            _ => None,
        }
    }

    /// Notes that a line changes the value at this place.
    pub fn note_changed(&mut self, place: Place) {
        match place {
            Place::Slot(slot) | Place::Shared(slot) => self.facts[slot as usize].kind = Kind::Any,
            Place::Local(local) => {
                if let Some(kind) = self.local_kinds.get_mut(local as usize) {
                    *kind = Kind::Any;
                }
            }
            _ => {}
        }
    }

    /// Notes that a line asks the value at this place for these properties.
    pub fn note_properties(&mut self, place: Place, properties: &[(String, Span)]) {
        if let Some(Kind::Always(known)) = self.kind(place) {
            self.doubts.extend(known.doubt(Some(place), properties));
        }
    }

    /// Notes that a line asks what a `$(…)` gives for these properties.
    pub(crate) fn note_result(&mut self, known: Known, properties: &[(String, Span)]) {
        self.doubts.extend(known.doubt(None, properties));
    }

    /// The mistakes among the doubts, once all lines are read.
    pub fn settle_doubts(&mut self) -> Vec<Diagnostic> {
        let doubts = std::mem::take(&mut self.doubts);
        let kind = |doubt: &Doubt| doubt.place.and_then(|place| self.kind(place));
        doubts.iter().filter_map(|doubt| doubt.settle(kind(doubt))).collect()
    }

    fn assign_place(&mut self, name: &str) -> Place {
        if self.locals.as_ref().is_some_and(|locals| !locals.contains_key(name))
            && let Some(slot) = self.shared_slot(name)
        {
            return Place::Shared(slot);
        }
        if let Some(locals) = &mut self.locals {
            if let Some(local) = locals.get(name) {
                return Place::Local(*local);
            }
            let next = locals.len() as u32;
            locals.insert(name.to_string(), next);
            self.local_order.push(name.to_string());
            return Place::Local(next);
        }
        let slot = self.slot(name);
        self.know(slot)
    }

    /// The slot of a name that all threads and `def`s have in common.
    fn shared_slot(&self, name: &str) -> Option<u32> {
        self.slots.get(name).copied().filter(|&slot| self.facts[slot as usize].shared)
    }

    /// Declares a name as common to all threads and `def`s; it is known once a line gives it a value. False: a line above
    /// has given it a value that is not.
    pub fn declare_shared(&mut self, name: &str) -> bool {
        let at = self.slot(name) as usize;
        let facts = &mut self.facts[at];
        let taken = facts.known && !facts.shared && !facts.outside && !self.prompt;
        facts.shared |= !taken;
        !taken
    }

    /// The place of a name that is declared so here and given a value; none where it cannot be.
    pub fn share(&mut self, name: &str) -> Option<Place> {
        self.declare_shared(name).then(|| self.assign(name))
    }

    /// Is it a name of the script, inside a `def` that may only read it?
    pub fn is_outer(&self, place: Place) -> bool {
        self.locals.is_some() && matches!(place, Place::Slot(_))
    }

    /// The place of a name that `--var` or the environment gives a value.
    pub fn assign_outside(&mut self, name: &str) -> Place {
        let place = self.assign(name);
        if let Place::Slot(slot) | Place::Shared(slot) = place {
            self.facts[slot as usize].outside = true;
        }
        place
    }

    /// Notes whether the value that a line gives this name may be a map, whose properties are its keys.
    pub fn note_map(&mut self, place: Place, may_be: bool) {
        self.any_map |= may_be;
        match place {
            Place::Slot(slot) | Place::Shared(slot) => self.facts[slot as usize].map = may_be,
            Place::Local(local) => {
                match may_be {
                    true => self.plain_locals.remove(&local),
                    false => self.plain_locals.insert(local),
                };
            }
            _ => {}
        }
    }

    /// May the value at this place be a map?
    pub fn may_be_map(&self, place: Place) -> bool {
        match place {
            Place::Slot(slot) | Place::Shared(slot) => self.facts[slot as usize].map,
            Place::Local(local) => !self.plain_locals.contains(&local),
            Place::Last | Place::Out(_) => self.any_map,
            Place::Argument(_) | Place::Tmpdir | Place::Numbered(_) => false,
        }
    }

    /// Notes that a line made a socket of this name.
    pub fn note_socket_name(&mut self, place: Place) {
        if let Place::Slot(slot) | Place::Shared(slot) = place {
            self.facts[slot as usize].socket = true;
        }
    }

    /// Is it the name of a socket that a line above makes?
    pub fn is_socket(&self, name: &str) -> bool {
        let slot = if self.locals.is_some() { None } else { self.slots.get(name) };
        slot.map(|&slot| self.facts[slot as usize]).is_some_and(|facts| facts.known && facts.socket)
    }

    /// Does a line above give a value of this name here?
    pub fn is_given(&self, name: &str) -> bool {
        if self.locals.as_ref().is_some_and(|locals| locals.contains_key(name)) {
            return true;
        }
        let facts = self.slots.get(name).map(|&slot| self.facts[slot as usize]);
        facts.is_some_and(|facts| facts.known && !facts.outside)
    }

    fn know(&mut self, slot: u32) -> Place {
        let facts = &mut self.facts[slot as usize];
        (facts.outside, facts.socket) = (false, false);
        let known = std::mem::replace(&mut facts.known, true);
        if !known && self.spawns > 0 {
            self.made.push(slot);
        }
        self.place(slot)
    }

    fn place(&self, slot: u32) -> Place {
        if self.facts[slot as usize].shared { Place::Shared(slot) } else { Place::Slot(slot) }
    }

    fn slot(&mut self, name: &str) -> u32 {
        if let Some(&slot) = self.slots.get(name) {
            return slot;
        }
        if self.order.is_empty() {
            // Room for the names of a short script.
            const FEW: usize = 8;
            self.slots.reserve(FEW);
            self.order.reserve(FEW);
            self.facts.reserve(FEW);
        }
        let (slot, name) = (self.order.len() as u32, Arc::<str>::from(name));
        self.slots.insert(name.clone(), slot);
        self.order.push(name);
        self.facts.push(Facts::default());
        slot
    }

    /// Records that a name stands here, if anything wants to know.
    fn note_use(&self, name: &str, place: Place, span: Span, gives: bool, known: Option<Known>) {
        let Some(uses) = &self.uses else { return };
        let owner = match place {
            Place::Local(_) => Owner::Def(self.def),
            Place::Slot(_) | Place::Shared(_) => Owner::Script,
            Place::Last | Place::Out(_) | Place::Argument(_) | Place::Tmpdir | Place::Numbered(_) => return,
        };
        uses.note(Use { span, name: name.into(), owner, gives, known });
    }

    /// Notes that the word here gives the name at this place a value.
    pub fn note_given(&self, name: &str, place: Place, span: Span) {
        let known = match self.kind(place) {
            Some(Kind::Always(known)) => Some(known),
            _ => None,
        };
        self.note_use(name, place, span, true, known);
    }

    /// Notes that the word here is the name of a `def`, which it defines or calls.
    pub fn note_command(&self, name: &str, span: Span, gives: bool) {
        if let Some(uses) = &self.uses {
            uses.note(Use { span, name: name.into(), owner: Owner::Command, gives, known: None });
        }
    }

    /// The place of a name that is used here.
    pub fn find(&self, name: &str) -> Option<Place> {
        if let Some(&local) = self.locals.as_ref().and_then(|l| l.get(name)) {
            return Some(Place::Local(local));
        }
        // A word of the language is no name, so what is a name is none of those below.
        if let Some(&slot) = self.slots.get(name)
            && self.facts[slot as usize].known
        {
            return Some(self.place(slot));
        }
        if name == "_" {
            return Some(Place::Last);
        }
        if name == "tmpdir" {
            return Some(Place::Tmpdir);
        }
        if name.bytes().all(|b| b.is_ascii_digit()) {
            let number: u32 = name.parse().ok()?;
            let given = self.arguments.is_none_or(|count| number <= count);
            return (number >= 1 && given).then_some(Place::Argument(number));
        }
        if let Some(number) = name.strip_prefix('_').and_then(|n| n.parse().ok()) {
            return self.prompt.then_some(Place::Out(number));
        }
        if self.lenient {
            return Some(Place::Last);
        }
        let number = socket_number(name)?;
        (self.prompt || self.makes_sockets).then_some(Place::Numbered(number))
    }

    /// `${here}`: the folder of the file whose lines are read; where they are in none, the current one.
    pub fn folder(&self) -> Option<String> {
        let file = std::path::Path::new(self.file.as_deref().unwrap_or(""));
        let folder = match file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            Some(folder) => std::path::absolute(folder),
            None => std::env::current_dir(),
        };
        folder.ok()?.into_os_string().into_string().ok()
    }

    /// The place of a name, or the report that there is none.
    pub fn require(&self, name: &str, span: Span, what: &str) -> Result<Place, Diagnostic> {
        let found = self.find(name);
        if let Some(place) = found {
            self.note_use(name, place, span, false, None);
        }
        found.ok_or_else(|| {
            if name.bytes().all(|b| b.is_ascii_digit()) {
                let count = self.arguments.unwrap_or(0);
                let given = Counted { n: count.into(), noun: Noun::Argument };
                return Diagnostic::new(
                    span,
                    say!(
                        en "there is no argument {name}",
                        es "no existe el argumento {name}",
                        name
                    ),
                )
                .help(say!(
                    en "the script was given {given}; they follow its name on the command line",
                    es "el script recibió {given}; van después de su nombre en la línea de comandos",
                    given
                ));
            }
            let (span, dollar) = own_place(name, span);
            let problem = Diagnostic::new(span, unknown(what, name)).later(Later::Unlikely);
            match nearest(name, self.names()) {
                Some(near) => problem.help(did_you_mean(&format!("{dollar}{near}"))),
                // Within a prompt nothing comes from outside any more.
                None if what == "name" && self.prompt => problem,
                // `m.a` is a part of a name.
                None if what == "name" && name.contains('.') => problem.help(say!(
                    en "a name of its own is due here: letters, digits and `_`",
                    es "aquí va un nombre propio: letras, dígitos y `_`"
                )),
                None if what == "name" => problem.help(say!(
                    en "no line above gives it a value; `--var {name}=VALUE` does from outside",
                    es "ninguna línea anterior le da un valor; `--var {name}=VALUE` lo da desde fuera",
                    name
                )),
                None if what == "process" => problem.help(say!(
                    en "no line above starts it: `process {name} COMMAND`",
                    es "ninguna línea anterior lo inicia: `process {name} COMMAND`",
                    name
                )),
                None if what != "socket" => problem.help(say!(
                    en "no line above starts it: `spawn {name}`, `{name} = COMMAND &` or `process {name} \
                        COMMAND`",
                    es "ninguna línea anterior la inicia: `spawn {name}`, `{name} = COMMAND &` o `process \
                        {name} COMMAND`",
                    name
                )),
                None => problem.help(say!(
                    en "no line above makes it: `{name} = socket inet stream`",
                    es "ninguna línea anterior lo crea: `{name} = socket inet stream`",
                    name
                )),
            }
        })
    }

    /// May `name` be given a value?
    pub fn check_target(&self, name: &str, span: Span) -> Result<(), Diagnostic> {
        match name_problem(name, span) {
            Some(problem) => Err(problem),
            None => Ok(()),
        }
    }

    /// All names that could be used here.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        // In the order in which they came up, so that a suggestion is the same each time.
        let locals = self.locals.iter().flat_map(|_| &self.local_order).map(|name| &**name);
        let known = self.order.iter().zip(&self.facts).filter(|(_, facts)| facts.known);
        locals.chain(known.map(|(name, _)| &**name))
    }

    /// What is known here, for [`Scope::forget`].
    pub fn mark(&mut self) -> Mark {
        self.spawns += 1;
        Mark { made: self.made.len(), locals: self.local_order.len() }
    }

    /// Names that a `spawn` made are known inside it only; their slots stay.
    pub fn forget(&mut self, mark: Mark) {
        self.spawns -= 1;
        for slot in self.made.drain(mark.made.min(self.made.len())..) {
            self.facts[slot as usize].known = false;
        }
        if let Some(locals) = &mut self.locals {
            // The places stay taken, under names that no script can contain.
            for name in self.local_order.iter_mut().skip(mark.locals).filter(|name| !name.contains(' ')) {
                if let Some(place) = locals.remove(name) {
                    *name = format!("{name} {place}");
                    locals.insert(name.clone(), place);
                }
            }
        }
    }

    /// A line above makes a socket: there is a current one from here on.
    pub fn note_socket(&mut self) {
        self.makes_sockets = true;
    }

    /// Inside the `def` of this index: the script's names can be read, what is assigned stays inside.
    pub fn enter(&mut self, def: usize, parameters: &[String]) {
        self.def = def as u32;
        let locals = parameters.iter().enumerate().map(|(at, p)| (p.clone(), at as u32)).collect();
        self.locals = Some(locals);
        self.local_order = parameters.to_vec();
        self.plain_locals.clear();
        // Its arguments may be anything.
        self.local_kinds = vec![Kind::Any; parameters.len()];
    }

    /// Out of it again; says how many names it had.
    pub fn leave(&mut self) -> usize {
        // The places are the next `def`'s too: what is doubted of these names is settled here.
        let mut doubts = std::mem::take(&mut self.doubts);
        doubts.retain_mut(|doubt| match doubt.place {
            Some(place @ Place::Local(_)) => {
                doubt.place = None;
                doubt.stands(self.kind(place))
            }
            _ => true,
        });
        self.doubts = doubts;
        self.locals.take().map_or(0, |l| l.len())
    }
}
/// What to underline of a name, and what stands before it there: `$` of `$name`, nothing inside `${name.text}`, so that
/// a name that was meant can be written where the mistake points.
fn own_place(name: &str, span: Span) -> (Span, &'static str) {
    let start = span.start as usize;
    match (span.end as usize - start).saturating_sub(name.len()) {
        0 => (span, ""),
        1 => (span, "$"),
        _ => (Span::new(start + 2, start + 2 + name.len()), ""),
    }
}

/// "unknown name `x`", by what was looked for.
fn unknown(what: &str, name: &str) -> Sentence {
    match what {
        "socket" => say!(en "unknown socket `{name}`", es "socket desconocido `{name}`", name),
        "thread, call or process" => say!(
            en "unknown thread, call or process `{name}`",
            es "hilo, llamada o proceso desconocido `{name}`",
            name
        ),
        "process" => say!(en "unknown process `{name}`", es "proceso desconocido `{name}`", name),
        _ => say!(en "unknown name `{name}`", es "nombre desconocido `{name}`", name),
    }
}
