//! A map: keys with their values, in the order in which the keys came.

use std::collections::HashMap;

use crate::value::{Bytes, Value};

/// Keys with their values. A key is bytes, an integer or a socket; bytes that are wholly an integer are that
/// integer, as everywhere.
#[derive(Clone, Debug, Default)]
pub struct Map {
    entries: Vec<(Value, Value)>,
    /// Where a key stands. Keys come from the network too: the hash is one that no peer can foresee.
    places: HashMap<Key, usize>,
}

/// What makes two keys the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    Int(i64),
    Bytes(Bytes),
    /// By its number in the process.
    Socket(u32),
}

impl Key {
    fn of(value: &Value) -> Option<Key> {
        Some(match value {
            Value::Int(n) => Key::Int(*n),
            Value::Bytes(bytes) => value.to_int().map_or_else(|| Key::Bytes(bytes.clone()), Key::Int),
            Value::Socket(socket) => Key::Socket(socket.id),
            _ => return None,
        })
    }
}

impl Map {
    /// Can it be a key?
    pub fn is_key(value: &Value) -> bool {
        matches!(value, Value::Int(_) | Value::Bytes(_) | Value::Socket(_))
    }

    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub fn get(&self, key: &Value) -> Option<&Value> {
        let place = *self.places.get(&Key::of(key)?)?;
        self.entries.get(place).map(|(_, value)| value)
    }

    /// Puts a value in under a key; a key that is there keeps its place. False: this can be no key.
    pub fn put(&mut self, key: Value, value: Value) -> bool {
        let Some(own) = Key::of(&key) else { return false };
        let place = *self.places.entry(own).or_insert(self.entries.len());
        match self.entries.get_mut(place) {
            Some(entry) => entry.1 = value,
            None => self.entries.push((key, value)),
        }
        true
    }

    /// Takes a key and its value out.
    pub fn remove(&mut self, key: &Value) -> Option<Value> {
        let place = self.places.remove(&Key::of(key)?)?;
        let (_, value) = self.entries.remove(place);
        for later in self.places.values_mut().filter(|later| **later > place) {
            *later -= 1;
        }
        Some(value)
    }

    /// Every key with its value, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Value, &Value)> {
        self.entries.iter().map(|(key, value)| (key, value))
    }

    /// The keys, in order.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &Value> {
        self.entries.iter().map(|(key, _)| key)
    }
}

impl FromIterator<(Value, Value)> for Map {
    /// What can be no key is left out.
    fn from_iter<I: IntoIterator<Item = (Value, Value)>>(pairs: I) -> Map {
        let mut map = Map::default();
        for (key, value) in pairs {
            map.put(key, value);
        }
        map
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(map: &Map) -> String {
        Value::from(map.clone()).to_text()
    }

    #[test]
    fn a_key_keeps_its_place() {
        let mut map = Map::default();
        for (key, value) in [("b", 1), ("a", 2), ("5", 3), ("b", 4)] {
            assert!(map.put(Value::text(key), Value::Int(value)));
        }
        assert_eq!(shown(&map), r#"{"b": 4, "a": 2, "5": 3}"#);
        assert!(matches!(map.get(&Value::Int(5)), Some(Value::Int(3))));
        assert!(map.get(&Value::text("05")).is_none());
        assert!(map.remove(&Value::text("a")).is_some() && map.remove(&Value::text("a")).is_none());
        assert!(matches!(map.get(&Value::text("5")), Some(Value::Int(3))));
        assert_eq!(shown(&map), r#"{"b": 4, "5": 3}"#);
    }

    #[test]
    fn not_everything_is_a_key() {
        let mut map = Map::default();
        assert!(!map.put(Value::list(Vec::new()), Value::Nothing) && map.is_empty());
    }
}
