//! Lists and maps: making them, changing them where they are, asking them.
//!
//! They are values: a change through one name is not seen through another. What changes one evaluates its words and
//! changes it in one step, so that threads may share the name.

use super::condition::equal;
use super::expr::{Expr, Lookup, at_word};
use super::param::{Got, Param, Separator, wrong};
use super::row::{Command, Kind, command};
use super::words::Words;
use crate::session::Session;
use crate::session::names::Place;
use crate::text::diagnostic::{Diagnostic, Span, usage};
use crate::value::errno::Class;
use crate::value::map::Map;
use crate::value::outcome::{CallError, Detail, Halt, Outcome, Reply};
use crate::value::{Bytes, PER_VALUE, Value, ask_room, ask_within, extend, no_key};
use crate::words::{Noun, counted};

pub const ROWS: &[Command] = &[
    command!(Bytes, "list", list, (items: Items), One(en "the list" es "la lista"),
        en "a list of values"
        es "una lista de valores",
        c "", rust "", python "[1, \"a\"]",
        errors [], does [GivesList],
        note en "A list among the words stands for its items, here and in `append`. `.len`, `.0`, `.1` ask it; \
            `get LIST N` takes a place that is worked out."
             es "Una lista entre las palabras equivale a sus elementos, aquí y en `append`. Se consulta con `.len`, `.0`, \
            `.1`; `get LIST N` toma una posición calculada.",
        like "names = list ana bruno\nfor name in $names\n    print $name\nend"),
    command!(Bytes, "append", append, (addition: Change), Nothing,
        en "put values at the end of a list"
        es "agrega valores al final de una lista",
        c "", rust "", python "names.append(x)",
        errors ["TypeError"],
        like "seen = list\nappend seen 1 2\nprint ${seen.len}"),
    command!(Bytes, "remove", remove, (what: Change), Nothing,
        en "take values out of a list, or keys out of a map"
        es "saca valores de una lista, o claves de un mapa",
        c "", rust "", python "names.remove(x)",
        errors ["ValueError", "KeyError", "TypeError"],
        note en "Of equal values in a list it takes the first."
             es "De varios valores iguales en una lista, saca el primero.",
        like "seen = list 1 2 3\nremove seen 2\nprint $seen"),
    command!(Bytes, "join", join, (list: ListWord, separator: Separator), One(en "the bytes" es "los bytes"),
        en "the items of a list with a separator between them"
        es "los elementos de una lista con un separador entre ellos",
        c "", rust "", python "separator.join(items)",
        errors ["TypeError"],
        like "words = split \"GET / HTTP/1.1\" \" \"\njoin $words \", \""),
    command!(Bytes, "map", map, (entries: Entries), One(en "the map" es "el mapa"),
        en "values by their keys, which are bytes, integers or sockets"
        es "valores según su clave: bytes, enteros o sockets",
        c "", rust "", python "{\"a\": 1}",
        errors ["TypeError", "ValueError"], does [GivesMap],
        note en "A key that is a name is a property: `${m.port}`. `for k, v in $m` goes over it."
             es "Una clave que es un nombre es una propiedad: `${m.port}`. `for k, v in $m` lo recorre.",
        like "ports = map http 80 smtp 25\nprint ${ports.http}"),
    command!(Bytes, "put", put, (entry: Entry), Nothing,
        en "give a key of a map a value"
        es "da un valor a una clave de un mapa",
        c "", rust "", python "ports[\"http\"] = 80",
        errors ["TypeError", "IndexError"],
        note en "In a list it replaces the item at a place: `put LIST N VALUE`."
             es "En una lista reemplaza el elemento de una posición: `put LIST N VALUE`.",
        like "ports = map\nput ports http 80\nprint ${ports.http}"),
    command!(Bytes, "get", get, (map: MapWord, key: KeyWord, default: Option<OneValue>),
        One(en "the value" es "el valor"),
        en "the value of a key of a map; DEFAULT where it has none"
        es "el valor de una clave de un mapa; DEFAULT donde no la tiene",
        c "", rust "", python "ports.get(\"http\", 80)",
        errors ["KeyError", "IndexError", "TypeError"], does [GivesList],
        note en "Of a list it gives the item at a place: `get $list 0`; negative ones count from the end."
             es "De una lista da el elemento de una posición: `get $list 0`; las negativas se cuentan desde el final.",
        like "ports = map http 80\nget $ports smtp 25"),
];

/// The items of a list that is taken apart into so many names.
pub fn items_of(value: &Value, names: usize) -> Result<&[Value], Box<Halt>> {
    match value {
        Value::List(items) => Ok(items),
        other => {
            let text = say!(
                en "{found} is no list, and here are {names} names",
                es "{found} no es una lista, y aquí hay {names} nombres",
                found = other.described(), names
            );
            Err(CallError::class(Class::TypeError, Detail::Text(text)).into())
        }
    }
}

/// The error of a list that is taken apart into another number of names than it has items.
pub fn other_count(items: usize, names: usize) -> Box<Halt> {
    let text = say!(
        en "{items} for {names} names", es "{items} para {names} nombres",
        items = counted(items, Noun::Value), names
    );
    CallError::class(Class::ValueError, Detail::Text(text)).into()
}

fn not_a_list(value: &Value) -> Box<Halt> {
    wrong(Class::TypeError, phrase!(en "a list", es "una lista"), value)
}

fn not_a_map(value: &Value) -> Box<Halt> {
    wrong(Class::TypeError, phrase!(en "a map or a list", es "un mapa ni una lista"), value)
}

/// Values, and the items of those that are lists.
pub fn flat(exprs: &[Expr], session: &mut Session) -> Got<Vec<Value>> {
    let mut values = Vec::with_capacity(exprs.len());
    for expr in exprs {
        match expr.get(session)? {
            Value::List(items) => {
                ask_room((values.len() + items.len()).saturating_mul(PER_VALUE))?;
                values.extend(items.iter().cloned());
            }
            one => values.push(session.look(&one)?),
        }
    }
    Ok(values)
}

/// One word as a value.
fn read_value(words: &mut Words<'_>, name: &'static str) -> Option<Expr> {
    let word = words.require(name)?;
    words.note(name, word.span);
    words.refuse_name(word)?;
    Expr::read(words, word)
}

/// One word as a key: its letters are meant more often than the value of a name.
fn read_key(words: &mut Words<'_>, name: &'static str) -> Option<Expr> {
    let word = words.require(name)?;
    words.note(name, word.span);
    Expr::read(words, word)
}

/// The words that are left. `keys`: each other one is the key of the one behind it.
fn read_values(words: &mut Words<'_>, name: &'static str, keys: bool) -> Option<Vec<Expr>> {
    let mut exprs = Vec::new();
    while !words.is_empty() {
        let is_key = keys && exprs.len() % 2 == 0;
        exprs.push(if is_key { read_key(words, name) } else { read_value(words, name) });
    }
    exprs.into_iter().collect()
}

/// The values of a list.
#[derive(Debug)]
struct Items(Vec<Expr>);

impl Param for Items {
    type Value<'a> = Vec<Value>;
    const KIND: Kind = Kind::Words;
    const USAGE: &'static str = "WORD…";
    const OPTIONAL: bool = true;

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        let items = read_values(words, name, false).map(Items)?;
        if items.0.iter().all(|e| e.literal().is_some()) {
            words.values = Some(items.0.len());
        }
        Some(items)
    }

    fn get(&self, session: &mut Session) -> Got<Vec<Value>> {
        flat(&self.0, session)
    }
}

fn list(_: &mut Session, items: Vec<Value>) -> Reply {
    Outcome::value(Value::list(items))
}

/// `NAME WORD…`: the name of a list or a map, and what is done with it.
#[derive(Debug)]
struct Change {
    place: Place,
    name: Span,
    words: Vec<Expr>,
}

impl Param for Change {
    type Value<'a> = &'a Change;
    const KIND: Kind = Kind::Words;
    const USAGE: &'static str = "NAME WORD…";

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        let target = words.require(name)?;
        words.note(name, target.span);
        let Some(text) = target.bare() else {
            let problem = Diagnostic::new(target.span, say!(en "a name is due here", es "aquí va un nombre"));
            words.report(match target.value() {
                Some(reference) if reference.properties.is_empty() => problem.help(say!(
                    en "write `{name}` without the `$`", es "escribe `{name}` sin el `$`", name = reference.name
                )),
                _ => problem,
            });
            return None;
        };
        let place = words.scope.require(text, target.span, "name");
        let place = words.accept(place)?;
        if words.scope.is_outer(place) {
            let message = say!(
                en "`{text}` is the script's, and a `def` changes only names of its own",
                es "`{text}` es del script, y un `def` cambia solo nombres propios",
                text
            );
            words.report(Diagnostic::new(target.span, message).help(say!(
                en "`share {text} = …` in the script gives it to all; `let {text} = ${text}` copies it here",
                es "`share {text} = …` en el script lo da a todos; `let {text} = ${text}` lo copia aquí",
                text
            )));
            return None;
        }
        words.scope.note_changed(place);
        if !matches!(place, Place::Slot(_) | Place::Local(_) | Place::Shared(_)) {
            let message =
                say!(en "`{text}` is no list and no map", es "`{text}` no es una lista ni un mapa", text);
            words.report(Diagnostic::new(target.span, message));
            return None;
        }
        if words.is_empty() {
            words.missing(name);
            return None;
        }
        let keys = words.syntax.params.iter().any(|p| p.usage == Entry::USAGE);
        let values = read_values(words, "words", keys)?;
        Some(Change { place, name: target.span, words: values })
    }

    fn get<'a>(&'a self, _: &mut Session) -> Got<&'a Change> {
        Ok(self)
    }
}

/// `NAME KEY VALUE`
#[derive(Debug)]
struct Entry(Change);

impl Param for Entry {
    type Value<'a> = &'a Change;
    const KIND: Kind = Kind::Words;
    const USAGE: &'static str = "NAME KEY VALUE";

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        let entry = Change::read(words, name)?;
        if let Some(extra) = entry.words.get(2) {
            let message = say!(en "too many words for `put`", es "demasiadas palabras para `put`");
            words.report(Diagnostic::new(extra.span, message).help(usage(words.syntax.usage())));
            return None;
        }
        if entry.words.len() < 2 {
            words.missing(name);
            return None;
        }
        Some(Entry(entry))
    }

    fn get<'a>(&'a self, _: &mut Session) -> Got<&'a Change> {
        Ok(&self.0)
    }
}

impl Change {
    /// Does it, in one step. The commands in its words have run before.
    fn make(
        &self,
        session: &mut Session,
        values: impl FnOnce(&[Expr], &mut Session) -> Got<Vec<Value>>,
        change: impl FnOnce(&mut Value, Vec<Value>) -> Got<()>,
    ) -> Reply {
        let settled: Vec<Expr>;
        let words = if self.place.is_shared() {
            settled = self.words.iter().map(|e| e.settled(session)).collect::<Result<_, _>>()?;
            &settled
        } else {
            &self.words
        };
        let name = self.name;
        session
            .change(self.place, |session| values(words, session), change)
            .map_err(|halt| at_word(halt, name))?;
        Outcome::nothing()
    }
}

fn append(session: &mut Session, addition: &Change) -> Reply {
    addition.make(session, flat, |list, mut values| match list {
        Value::List(items) => {
            std::sync::Arc::make_mut(items).append(&mut values);
            Ok(())
        }
        other => Err(not_a_list(other)),
    })
}

fn remove(session: &mut Session, what: &Change) -> Reply {
    what.make(session, flat, |from, values| match from {
        Value::List(items) => {
            // All of them or none.
            let mut left = (**items).clone();
            for value in values {
                let Some(at) = left.iter().position(|item| equal(item, &value)) else {
                    let shown = value.to_literal();
                    let text = say!(en "the list has no {shown}", es "la lista no tiene {shown}", shown);
                    return Err(CallError::class(Class::ValueError, Detail::Text(text)).into());
                };
                left.remove(at);
            }
            *items = std::sync::Arc::new(left);
            Ok(())
        }
        Value::Map(entries) => {
            if let Some(missing) = values.iter().find(|key| entries.get(key).is_none()) {
                return Err(no_key(missing).into());
            }
            let entries = std::sync::Arc::make_mut(entries);
            values.iter().for_each(|key| drop(entries.remove(key)));
            Ok(())
        }
        other => Err(not_a_map(other)),
    })
}

/// Each word a value, as it is.
fn each(exprs: &[Expr], session: &mut Session) -> Got<Vec<Value>> {
    let values: Vec<Value> =
        exprs.iter().map(|e| e.get(session).and_then(|v| session.look(&v))).collect::<Got<_>>()?;
    ask_within(&values)?;
    Ok(values)
}

fn put(session: &mut Session, entry: &Change) -> Reply {
    entry.make(session, each, |into, values| {
        let [key, value] = <[Value; 2]>::try_from(values).unwrap_or_default();
        match into {
            Value::Map(entries) => put_in(std::sync::Arc::make_mut(entries), key, value),
            Value::List(items) => {
                let at = place_in(items.len(), &key)?;
                std::sync::Arc::make_mut(items)[at] = value;
                Ok(())
            }
            other => Err(not_a_map(other)),
        }
    })
}

fn put_in(map: &mut Map, key: Value, value: Value) -> Got<()> {
    if !Map::is_key(&key) {
        let wanted = phrase!(
            en "a key: bytes, an integer or a socket", es "una clave: bytes, un entero ni un socket"
        );
        return Err(wrong(Class::TypeError, wanted, &key));
    }
    map.put(key, value);
    Ok(())
}

/// The place that a number is in a list of this length; negative ones count from the end.
fn place_in(length: usize, key: &Value) -> Got<usize> {
    let Some(at) = key.to_int() else {
        return Err(wrong(
            Class::TypeError,
            phrase!(en "a place in a list", es "una posición de una lista"),
            key,
        ));
    };
    let place = if at < 0 { i64::try_from(length).unwrap_or(i64::MAX) + at } else { at };
    match usize::try_from(place).ok().filter(|place| *place < length) {
        Some(place) => Ok(place),
        None => {
            let text = say!(
                en "no item {at} in a list of {length}", es "no hay elemento {at} en una lista de {length}", at, length
            );
            Err(CallError::class(Class::IndexError, Detail::Text(text)).into())
        }
    }
}

/// A value, or the bare name of one: what is no text needs no `$`.
fn read_thing(words: &mut Words<'_>, name: &'static str) -> Option<Expr> {
    let word = words.require(name)?;
    words.note(name, word.span);
    let Some(text) = word.bare() else { return Expr::read(words, word) };
    let place = words.scope.require(text, word.span, "name");
    let place = words.accept(place)?;
    Some(Expr::lookup(Lookup::of(place), word.span))
}

macro_rules! thing {
    ($(#[$doc:meta])* $type:ident, $usage:literal) => {
        $(#[$doc])*
        #[derive(Debug)]
        struct $type(Expr);

        impl Param for $type {
            type Value<'a> = Value;
            const KIND: Kind = Kind::Text;
            const USAGE: &'static str = $usage;

            fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
                read_thing(words, name).map($type)
            }

            fn get(&self, session: &mut Session) -> Got<Value> {
                self.0.get(session)
            }
        }
    };
}

thing!(
    /// A list.
    ListWord, "LIST");
thing!(
    /// A map, or a list.
    MapWord, "MAP");

/// The key of a map, or a place in a list.
#[derive(Debug)]
struct KeyWord(Expr);

impl Param for KeyWord {
    type Value<'a> = Value;
    const KIND: Kind = Kind::Text;
    const USAGE: &'static str = "KEY";

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        read_key(words, name).map(KeyWord)
    }

    fn get(&self, session: &mut Session) -> Got<Value> {
        let value = self.0.get(session)?;
        session.look(&value)
    }
}

/// One word as a value.
#[derive(Debug)]
struct OneValue(Expr);

impl Param for OneValue {
    type Value<'a> = Value;
    const KIND: Kind = Kind::Text;
    const USAGE: &'static str = "TEXT";

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        read_value(words, name).map(OneValue)
    }

    fn get(&self, session: &mut Session) -> Got<Value> {
        let value = self.0.get(session)?;
        session.look(&value)
    }
}

fn join(session: &mut Session, list: Value, separator: Bytes) -> Reply {
    let Value::List(items) = &list else {
        return Err(super::param::blamed(not_a_list(&list), "list"));
    };
    let mut out = Vec::new();
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            extend(&mut out, &separator)?;
        }
        extend(&mut out, &session.look(item)?.to_bytes())?;
    }
    Outcome::value(Value::bytes(out))
}

/// `KEY VALUE…`
#[derive(Debug)]
struct Entries(Vec<Expr>);

impl Param for Entries {
    type Value<'a> = Vec<Value>;
    const KIND: Kind = Kind::Words;
    const USAGE: &'static str = "KEY VALUE…";
    const OPTIONAL: bool = true;

    fn read(words: &mut Words<'_>, name: &'static str) -> Option<Self> {
        let values = read_values(words, name, true)?;
        // One value may be a list of them all.
        let alone = values.len() == 1 && values[0].literal().is_none();
        if values.len() % 2 == 1 && !alone {
            let span = values.last().map_or(words.command, |e| e.span);
            let message = say!(en "a key without its value", es "una clave sin su valor");
            words.report(Diagnostic::new(span, message));
            return None;
        }
        Some(Entries(values))
    }

    fn get(&self, session: &mut Session) -> Got<Vec<Value>> {
        if self.0.len() == 1 { flat(&self.0, session) } else { each(&self.0, session) }
    }
}

fn map(_: &mut Session, entries: Vec<Value>) -> Reply {
    ask_room(entries.len().saturating_mul(crate::value::PER_VALUE))?;
    if entries.len() % 2 == 1 {
        let text = say!(en "a key without its value", es "una clave sin su valor");
        return Err(CallError::class(Class::ValueError, Detail::Text(text)).blame("entries").into());
    }
    let mut map = Map::default();
    let mut entries = entries.into_iter();
    while let (Some(key), Some(value)) = (entries.next(), entries.next()) {
        put_in(&mut map, key, value).map_err(|halt| super::param::blamed(halt, "entries"))?;
    }
    Outcome::value(Value::from(map))
}

fn get(_: &mut Session, map: Value, key: Value, default: Option<Value>) -> Reply {
    let found = match &map {
        Value::Map(entries) => entries.get(&key).cloned().ok_or_else(|| no_key(&key).into()),
        Value::List(items) => match place_in(items.len(), &key) {
            Ok(at) => Ok(items[at].clone()),
            Err(halt) => Err(halt),
        },
        other => return Err(super::param::blamed(not_a_map(other), "map")),
    };
    let is_missing = |halt: &Halt| matches!(halt, Halt::Error(e) if e.code.class().is(Class::LookupError));
    match (found, default) {
        (Ok(value), _) => Outcome::value(value),
        (Err(halt), Some(default)) if is_missing(&halt) => Outcome::value(default),
        (Err(halt), _) => Err(super::param::blamed(halt, "key")),
    }
}
