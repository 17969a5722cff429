//! Names to slots, settled before anything runs.

use std::collections::HashMap;
use std::num::NonZeroU32;

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use crate::diagnostic::{Diagnostic, Span};
use crate::name::{Name, Text, hash, hash_word};
use crate::syntax::glance::Named;
use crate::syntax::parse::name_problem;
use crate::syntax::words::is_name;

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
}

/// A place in half the room, for what a program has many of.
///
/// A name of the script is its slot and 1; every other place is a number beyond all slots, so that looking for it
/// among them finds nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slim(NonZeroU32);

impl Slim {
    /// Numbers beyond this are of nothing that exists.
    const MOST: u32 = (1 << 29) - 2;

    pub fn of(place: Place) -> Slim {
        let (kind, number) = match place {
            Place::Slot(n) => return Slim(NonZeroU32::MIN.saturating_add(n)),
            Place::Local(n) => (1, n),
            Place::Last => (2, 0),
            Place::Out(n) => (3, n),
            Place::Argument(n) => (4, n),
            Place::Tmpdir => (5, 0),
            Place::Numbered(n) => (6, n),
        };
        let number = kind << 29 | number.min(Slim::MOST + 1);
        // It is never 0.
        Slim(NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN))
    }

    /// The place of a name of the script: always there, for no text is long enough for as many names.
    #[inline(always)]
    pub fn of_slot(slot: u32) -> Option<Slim> {
        NonZeroU32::new(slot.wrapping_add(1)).map(Slim)
    }

    /// Where to look for it among the slots; what is none of them is not there.
    #[inline(always)]
    pub fn among_slots(place: Option<Slim>) -> usize {
        place.map_or(0, |slim| slim.0.get()).wrapping_sub(1) as usize
    }

    /// The slot, where it is a name of the script.
    #[inline]
    pub fn slot(self) -> Option<u32> {
        (self.0.get() >> 29 == 0).then_some(self.0.get() - 1)
    }

    #[inline]
    pub fn place(self) -> Place {
        let number = self.0.get() & (Slim::MOST + 1);
        match self.0.get() >> 29 {
            0 => Place::Slot(number - 1),
            1 => Place::Local(number),
            3 => Place::Out(number),
            4 => Place::Argument(number),
            5 => Place::Tmpdir,
            6 => Place::Numbered(number),
            _ => Place::Last,
        }
    }
}

/// A `def`, as its callers see it.
#[derive(Clone, Debug)]
pub struct Signature {
    pub parameters: Vec<String>,
    /// Which of the program's functions it is.
    pub index: usize,
}

/// What is known at a place in the text.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// The slots by their names' hashes: each name is kept once, in `order`.
    slots: HashTable<u32>,
    /// The slots' names in order, and which of them the text above assigns on some path.
    pub order: Vec<Name>,
    /// The slots that became known inside a `spawn`, in order: they are forgotten behind it.
    made: Vec<u32>,
    /// In how many `spawn`s this place is.
    spawns: u32,
    /// The slot found last.
    last: u32,
    /// Inside a `def`: its own names.
    locals: Option<HashMap<String, u32>>,
    pub commands: HashMap<String, Signature>,
    /// How many arguments the script was given; `check` cannot know.
    pub arguments: Option<u32>,
    /// At the prompt: sockets and results of earlier lines are there to be named.
    pub prompt: bool,
    /// A line above makes a socket, so `s1` may be one.
    makes_sockets: bool,
    /// Grows when a name may no longer stand for what it stood for.
    pub version: u32,
    /// Every name is taken for known: the text was checked before and is only read again.
    lenient: bool,
}

/// What was known at a place in the text.
pub struct Mark {
    made: usize,
    locals: Option<HashMap<String, u32>>,
}

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

    /// The place of a name that is being given a value here.
    pub fn assign(&mut self, name: &str) -> Place {
        if let Some(locals) = &mut self.locals {
            let next = locals.len() as u32;
            return Place::Local(*locals.entry(name.to_string()).or_insert(next));
        }
        let slot = self.slot(name);
        self.know(slot)
    }

    /// So many names more may come: room for them is made once.
    pub fn reserve(&mut self, names: usize) {
        let order = &self.order;
        self.slots.reserve(names, |&slot| order.get(slot as usize).map_or(0, Name::hash));
        self.order.reserve_exact(names);
    }

    /// As [`Scope::assign`], of a name of eight bytes at the most, outside every `def`.
    #[inline(always)]
    pub fn assign_word(&mut self, word: u64) -> Place {
        let slot = self.slot_for(hash_word(word), |name| name.is_word(word), || Name::of_word(word));
        self.know(slot)
    }

    /// The slot behind the one found last, if it is this one's and known.
    #[inline(always)]
    pub fn next_named(&mut self, word: u64) -> Option<Slim> {
        let next = self.last.wrapping_add(1);
        if !self.order.get(next as usize)?.is_known_word(word) {
            return None;
        }
        self.last = next;
        Slim::of_slot(next)
    }

    /// As [`Scope::find`], of what was seen at a glance, outside every `def`.
    #[inline(never)]
    pub fn find_named(&mut self, text: &str, name: Named) -> Option<Slim> {
        let text = name.text(text);
        if let Some(slot) = self.slot_of(text)
            && self.is_known(slot)
        {
            self.last = slot;
            return Slim::of_slot(slot);
        }
        // `$4` and others can be found too, but are no sockets.
        self.find(text).filter(|_| is_name(text)).map(Slim::of)
    }

    #[inline]
    fn know(&mut self, slot: u32) -> Place {
        if self.order.get_mut(slot as usize).is_some_and(Name::make_known) && self.spawns > 0 {
            self.made.push(slot);
        }
        Place::Slot(slot)
    }

    fn slot(&mut self, name: &str) -> u32 {
        self.slot_for(hash(name), |known| known.is(name), || Name::of(name))
    }

    /// The slot of the name `is_it` knows, or a new one.
    #[inline(always)]
    fn slot_for(&mut self, hash: u64, is_it: impl Fn(&Name) -> bool, make: impl FnOnce() -> Name) -> u32 {
        let order = &mut self.order;
        let found = self.slots.entry(
            hash,
            |&slot| order.get(slot as usize).is_some_and(&is_it),
            |&slot| order.get(slot as usize).map_or(0, Name::hash),
        );
        match found {
            Entry::Occupied(slot) => *slot.get(),
            Entry::Vacant(place) => {
                let slot = order.len() as u32;
                place.insert(slot);
                order.push(make());
                slot
            }
        }
    }

    /// The slot of a name that some text has assigned.
    fn slot_of(&self, name: &str) -> Option<u32> {
        let same = |&slot: &u32| self.order.get(slot as usize).is_some_and(|n| n.is(name));
        self.slots.find(hash(name), same).copied()
    }

    fn is_known(&self, slot: u32) -> bool {
        self.order.get(slot as usize).is_some_and(Name::is_known)
    }

    /// The place of a name that is used here.
    pub fn find(&self, name: &str) -> Option<Place> {
        if let Some(&local) = self.locals.as_ref().and_then(|l| l.get(name)) {
            return Some(Place::Local(local));
        }
        // A word of the language is no name, so what is a name is none of those below.
        if let Some(slot) = self.slot_of(name)
            && self.is_known(slot)
        {
            return Some(Place::Slot(slot));
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

    /// The place of a name, or the report that there is none.
    pub fn require(&self, name: &str, span: Span, what: &str) -> Result<Place, Diagnostic> {
        self.find(name).ok_or_else(|| {
            if name.bytes().all(|b| b.is_ascii_digit()) {
                let count = self.arguments.unwrap_or(0);
                let given = crate::outcome::count(count.into(), "argument");
                return Diagnostic::new(span, format!("there is no argument {name}"))
                    .help(format!("the script was given {given}; they follow its name on the command line"));
            }
            let problem = Diagnostic::new(span, format!("unknown {what} `{name}`"));
            let near = crate::diagnostic::nearest(name, self.names());
            match near {
                Some(near) => problem.help(format!("did you mean `{near}`?")),
                None if what == "name" => problem
                    .help(format!("no line above gives it a value; `--var {name}=VALUE` does from outside")),
                None if what != "socket" => problem.help(format!(
                    "no line above starts it: `spawn {name}`, `{name} = COMMAND &` or `process {name} COMMAND`"
                )),
                None => problem.help(format!("no line above makes it: `{name} = socket inet stream`")),
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
    pub fn names(&self) -> impl Iterator<Item = Text<'_>> {
        let mut locals: Vec<_> = self.locals.iter().flatten().collect();
        // In the order in which they came up, so that who asks for the nearest hears the same each time.
        locals.sort_by_key(|(_, at)| **at);
        let locals = locals.into_iter().map(|(name, _)| Text::Long(name));
        locals.chain(self.order.iter().filter(|name| name.is_known()).map(Name::text))
    }

    /// What is known here, for [`Scope::forget`].
    pub fn mark(&mut self) -> Mark {
        self.spawns += 1;
        Mark { made: self.made.len(), locals: self.locals.clone() }
    }

    /// Names that a `spawn` made are known inside it only; their slots stay.
    pub fn forget(&mut self, mark: Mark) {
        self.version += 1;
        self.spawns -= 1;
        for slot in self.made.drain(mark.made.min(self.made.len())..) {
            if let Some(name) = self.order.get_mut(slot as usize) {
                name.forget();
            }
        }
        if let (Some(now), Some(then)) = (&mut self.locals, mark.locals) {
            // The places stay taken, under names nobody can write.
            let made: Vec<String> = now.keys().filter(|n| !then.contains_key(*n)).cloned().collect();
            for name in made {
                if let Some(place) = now.remove(&name) {
                    now.insert(format!("{name} {place}"), place);
                }
            }
        }
    }

    pub fn note_socket(&mut self) {
        self.makes_sockets = true;
    }

    /// Inside a `def`: the script's names can be read, what is assigned stays inside.
    pub fn enter(&mut self, parameters: &[String]) {
        let locals = parameters.iter().enumerate().map(|(at, p)| (p.clone(), at as u32)).collect();
        self.locals = Some(locals);
        self.version += 1;
    }

    /// Out of it again; says how many names it had.
    pub fn leave(&mut self) -> usize {
        self.version += 1;
        self.locals.take().map_or(0, |l| l.len())
    }
}
