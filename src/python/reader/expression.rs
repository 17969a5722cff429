//! Expressions: names, literals, sums, text that is put together, places in lists, comprehensions.

use std::collections::{HashMap, HashSet};

use ruff_python_ast::{BoolOp, Expr, ExprSubscript, Number, Operator, UnaryOp};

use super::Line;
use super::condition::Condition;
use super::mark;
use super::names::targets;
use super::operand::{Form, Kind, Operand, Piece};
use super::pass::{Pass, Said};

impl Pass<'_> {
    /// What an expression stands for. Lines that must run before it are pushed.
    pub fn value(&mut self, expr: &Expr) -> Said<Operand> {
        self.deeper(|pass| pass.value_of(expr))
    }

    fn value_of(&mut self, expr: &Expr) -> Said<Operand> {
        Ok(match expr {
            Expr::Name(name) => return self.name(&name.id),
            Expr::NumberLiteral(number) => match &number.value {
                Number::Int(n) => Operand::int(n.as_i64().ok_or(mark::TOO_BIG)?),
                Number::Float(f) => {
                    let word = format!("{f:?}");
                    if !word.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
                        return Err(mark::FRACTIONS.into());
                    }
                    Operand::new(Form::Word(word), Kind::Float)
                }
                Number::Complex { .. } => return Err(mark::FRACTIONS.into()),
            },
            Expr::BooleanLiteral(flag) => Operand::call(format!("json {}", flag.value), Kind::Bool),
            Expr::NoneLiteral(_) => Operand::call("json null", Kind::None),
            Expr::StringLiteral(text) => Operand::text(text.value.to_str(), Kind::Text),
            Expr::BytesLiteral(bytes) => {
                let bytes: Vec<u8> = bytes.value.bytes().collect();
                let length = bytes.len() as u64;
                Operand::text(bytes, Kind::Bytes(Some(length)))
            }
            Expr::FString(text) => return self.f_string(text),
            Expr::BinOp(sum) => return self.binary(&sum.left, sum.op, &sum.right),
            Expr::UnaryOp(unary) => match unary.op {
                UnaryOp::Not => {
                    let test = self.condition(expr)?;
                    self.flag(&test)
                }
                UnaryOp::UAdd => return self.value(&unary.operand),
                UnaryOp::USub => {
                    let operand = self.value(&unary.operand)?;
                    match (&operand.form, &operand.kind) {
                        (Form::Word(word), _) if word.starts_with(|c: char| c.is_ascii_digit()) => {
                            Operand::new(Form::Word(format!("-{word}")), operand.kind)
                        }
                        (_, Kind::Float) => return Err(mark::FRACTIONS.into()),
                        _ => {
                            let term = self.term(&operand)?;
                            Operand::new(Form::Sum(format!("0 - {term}")), operand.kind)
                        }
                    }
                }
                UnaryOp::Invert => {
                    let operand = self.value(&unary.operand)?;
                    let term = self.term(&operand)?;
                    Operand::new(Form::Sum(format!("~ {term}")), Kind::Int)
                }
            },
            Expr::BoolOp(either) => return self.either(either.op, &either.values),
            Expr::Compare(_) => {
                let test = self.condition(expr)?;
                self.flag(&test)
            }
            Expr::If(choice) => {
                let test = self.condition(&choice.test)?;
                let name = self.temporary();
                self.push(format!("if {}", test.text));
                let first = self.arm(&name, &choice.body)?;
                self.push("else");
                let second = self.arm(&name, &choice.orelse)?;
                self.push("end");
                Operand::path(name, first.merge(second))
            }
            Expr::Named(named) => {
                let Expr::Name(target) = &*named.target else { return Err(mark::no_line_for(":=")) };
                let value = self.value(&named.value)?;
                self.set_name(&target.id, value)?;
                return self.name(&target.id);
            }
            Expr::Call(call) => return self.call(call),
            Expr::Attribute(attribute) => return self.attribute(attribute),
            Expr::Subscript(at) => return self.subscript(at),
            Expr::List(list) => {
                let (made, kinds) = self.list_of(&list.elts)?;
                let kind = kinds.into_iter().reduce(Kind::merge).unwrap_or(Kind::Unknown);
                Operand { form: made, kind: Kind::list(kind) }
            }
            Expr::Tuple(tuple) => {
                let (made, kinds) = self.list_of(&tuple.elts)?;
                Operand { form: made, kind: Kind::tuple(kinds) }
            }
            Expr::Dict(dict) => {
                let mut parts = Vec::new();
                for item in &dict.items {
                    parts.push(item.key.as_ref().ok_or_else(|| mark::no_line_for("{**…}"))?);
                    parts.push(&item.value);
                }
                let operands = self.in_order(&parts)?;
                let mut line = String::from("map");
                let (mut keys, mut kinds) = (Vec::new(), Vec::new());
                for (at, operand) in operands.iter().enumerate() {
                    self.note_copy("", operand);
                    line.push(' ');
                    line.push_str(&self.word(operand)?);
                    let kinds = if at % 2 == 1 { &mut kinds } else { &mut keys };
                    kinds.push(operand.kind.clone());
                }
                let all = |kinds: Vec<Kind>| kinds.into_iter().reduce(Kind::merge).unwrap_or(Kind::Unknown);
                Operand::call(line, Kind::map(all(keys), all(kinds)))
            }
            Expr::ListComp(made) => return self.list_comprehension(&made.elt, &made.generators),
            Expr::Generator(made) => return self.list_comprehension(&made.elt, &made.generators),
            Expr::DictComp(made) => {
                let key = made.key.as_deref().ok_or_else(|| mark::no_line_for("{**…}"))?;
                return self.map_comprehension(key, &made.value, &made.generators);
            }
            Expr::Lambda(_) => return Err(mark::no_line_for("lambda")),
            Expr::Await(_) => return Err(mark::no_line_for("await")),
            Expr::Yield(_) | Expr::YieldFrom(_) => return Err(mark::no_line_for("yield")),
            Expr::Set(_) | Expr::SetComp(_) => return Err(mark::no_line_for("{…}")),
            Expr::TString(_) => return Err(mark::no_line_for("t\"…\"")),
            Expr::Starred(_) => return Err(mark::UNPACKED_STAR.into()),
            Expr::EllipsisLiteral(_) => return Err(mark::no_line_for("...")),
            Expr::Slice(_) | Expr::IpyEscapeCommand(_) => return Err(mark::no_line_for(&self.text_of(expr))),
        })
    }

    /// A name that has a value.
    pub fn name(&mut self, name: &str) -> Said<Operand> {
        if name == "__name__" {
            return Ok(Operand::text("__main__", Kind::Text));
        }
        if name == "_" {
            return Err(mark::no_line_for("_"));
        }
        let kind = self.kind_of(name);
        if kind.is_none() {
            if let Some(module) = self.known.imports.get(name).cloned() {
                return self.constant(&module);
            }
            if self.known.functions.contains_key(name)
                || self.known.classes.contains_key(name)
                || is_builtin(name)
            {
                return Err(mark::no_line_for(name));
            }
        }
        Ok(Operand::path(self.known.sock_name(name), kind.unwrap_or(Kind::Unknown)))
    }

    /// The kind of a name, in the function that is read or outside.
    pub fn kind_of(&self, name: &str) -> Option<Kind> {
        let key = (self.place_of(name), name.to_string());
        let kind = self.known.kinds.get(&key).cloned();
        // A function may run at any time: a name that others give values of two kinds may have either.
        let anywhere = key.0.is_empty() && (!self.function.is_empty() || self.known.shared.contains(name));
        match self.known.values_before.get(&key) {
            Some(Kind::Unknown) if anywhere && kind.is_some() => Some(Kind::Unknown),
            _ => kind,
        }
    }

    /// Whether a name is one of the function that is being read.
    pub fn is_local(&self, name: &str) -> bool {
        !self.function.is_empty()
            && self.scan.locals.get(&self.function).is_some_and(|all| all.contains(name))
    }

    /// The function that a name belongs to; `""` for the script.
    pub fn place_of(&self, name: &str) -> String {
        if self.is_local(name) { self.function.clone() } else { String::new() }
    }

    /// One arm of a choice: the value under `name`.
    fn arm(&mut self, name: &str, expr: &Expr) -> Said<Kind> {
        self.indent += 1;
        let said = self.value(expr).and_then(|value| {
            self.give_name(name, &value)?;
            Ok(value.kind)
        });
        self.indent -= 1;
        said
    }

    /// A condition as a value.
    pub fn flag(&mut self, test: &Condition) -> Operand {
        let name = self.temporary();
        self.push(format!("if {}", test.text));
        self.push(format!("    {name} = json true"));
        self.push("else");
        self.push(format!("    {name} = json false"));
        self.push("end");
        Operand::path(name, Kind::Bool)
    }

    /// `a or b` as a value: the first that decides.
    fn either(&mut self, op: BoolOp, values: &[Expr]) -> Said<Operand> {
        let name = self.temporary();
        let Some((first, rest)) = values.split_first() else { return Err(mark::NO_RESULT.into()) };
        let value = self.value(first)?;
        self.give_name(&name, &value)?;
        let mut kind = value.kind;
        for value in rest {
            let truth = self.truth(&Operand::path(name.clone(), kind.clone()))?;
            let test = if op == BoolOp::And { truth } else { truth.negated() };
            self.push(format!("if {}", test.text));
            kind = kind.merge(self.arm(&name, value)?);
            self.push("end");
        }
        Ok(Operand::path(name, kind))
    }

    /// Operands that are due from left to right: where one needs lines of its own, what runs before it is kept under
    /// names; so is what one changes that stands after it.
    pub fn in_order(&mut self, exprs: &[&Expr]) -> Said<Vec<Operand>> {
        let mut operands: Vec<Operand> = Vec::new();
        for expr in exprs {
            let start = self.out.len();
            let operand = self.value(expr)?;
            let later = self.take(start);
            let (names, calls) = self.changes(&later, &operand);
            if calls || !later.is_empty() {
                let changed: Vec<bool> =
                    operands.iter().map(|earlier| self.is_changed(earlier, &names, calls)).collect();
                let moved = !later.is_empty() || changed.contains(&true);
                for (earlier, changed) in operands.iter_mut().zip(changed) {
                    if changed {
                        *earlier = self.kept(earlier.clone())?;
                    } else if earlier.runs() && moved {
                        *earlier = self.named(earlier.clone())?;
                    }
                }
            }
            self.give(later);
            operands.push(operand);
        }
        Ok(operands)
    }

    /// The names that lines change, and whether they, or the operand that comes after them, call a function, which may
    /// change any shared name.
    pub fn changes(&self, lines: &[Line], operand: &Operand) -> (HashSet<String>, bool) {
        let calls = |text: &str| text.split([' ', '(', ')']).any(|word| self.known.defs.contains(word));
        let mut names = HashSet::new();
        for line in lines {
            let text = line.text.trim_start();
            let after = |command: &&str| text.strip_prefix(*command);
            let given = ["let ", "append ", "put ", "remove "].iter().find_map(after);
            let given = given.or_else(|| text.split_once(" = ").map(|(names, _)| names)).unwrap_or_default();
            let own = given.split([' ', ',']).filter(|name| self.known.python.contains_key(*name));
            names.extend(own.map(String::from));
        }
        let runs = lines.iter().map(|line| line.text.as_str()).chain(operand.command());
        (names, runs.into_iter().any(calls))
    }

    fn is_changed(&mut self, operand: &Operand, names: &HashSet<String>, calls: bool) -> bool {
        self.step();
        // A list that is changed in place is one value: it is read late, as in Python.
        let one = matches!(operand.kind, Kind::List(_) | Kind::Map(..));
        if one && operand.root().is_some_and(|name| self.is_changed_in_place(name, &operand.kind)) {
            return false;
        }
        let is_shared = |name: &str| {
            let python = self.known.python.get(name);
            python
                .is_some_and(|python| self.known.shared.contains(python) || self.scan.shared.contains(python))
        };
        operand.reads().iter().any(|name| names.contains(*name) || calls && is_shared(name))
    }

    /// A list of these items. What may be a list itself would stand for its items among the words of `list`, and is put
    /// in by itself.
    pub fn list_of(&mut self, items: &[Expr]) -> Said<(Form, Vec<Kind>)> {
        let exprs: Vec<&Expr> = items.iter().collect();
        let operands = self.in_order(&exprs)?;
        operands.iter().for_each(|operand| self.note_copy("", operand));
        let kinds = operands.iter().map(|operand| operand.kind.clone()).collect();
        if !operands.iter().any(|operand| operand.kind.is_spread()) {
            let mut line = String::from("list");
            for operand in &operands {
                line.push(' ');
                line.push_str(&self.word(operand)?);
            }
            return Ok((Form::Call(line), kinds));
        }
        let name = self.temporary();
        let zeros = " 0".repeat(operands.len());
        self.push(format!("{name} = list{zeros}"));
        for (at, operand) in operands.into_iter().enumerate() {
            let word = self.word(&operand)?;
            self.push(format!("put {name} {at} {word}"));
        }
        Ok((Form::Path(name), kinds))
    }

    /// The items of a list as the words of `return`, each with a blank before it: a list is one of them.
    pub fn items(&mut self, exprs: &[Expr]) -> Said<(String, Vec<Kind>)> {
        let exprs: Vec<&Expr> = exprs.iter().collect();
        let (mut line, mut kinds) = (String::new(), Vec::new());
        for operand in self.in_order(&exprs)? {
            line.push(' ');
            line.push_str(&self.word(&operand)?);
            kinds.push(operand.kind);
        }
        Ok((line, kinds))
    }

    /// An operand inside a sum.
    pub fn term(&mut self, operand: &Operand) -> Said<String> {
        match &operand.form {
            Form::Sum(sum) => Ok(format!("({sum})")),
            _ => self.word(operand),
        }
    }

    fn binary(&mut self, left: &Expr, op: Operator, right: &Expr) -> Said<Operand> {
        if op == Operator::Mod && matches!(left, Expr::StringLiteral(_) | Expr::BytesLiteral(_)) {
            return self.percent(left, right);
        }
        let mut operands = self.in_order(&[left, right])?.into_iter();
        let (Some(a), Some(b)) = (operands.next(), operands.next()) else {
            return Err(mark::NO_RESULT.into());
        };
        self.combined(a, op, b)
    }

    /// What `a OP b` is.
    pub fn combined(&mut self, a: Operand, op: Operator, b: Operand) -> Said<Operand> {
        let kinds = (&a.kind, &b.kind);
        if op == Operator::Add {
            if kinds.0.is_text() || kinds.1.is_text() {
                let kind = match (&a.kind, &b.kind) {
                    (Kind::Bytes(Some(a)), Kind::Bytes(Some(b))) => Kind::Bytes(Some(a + b)),
                    (Kind::Bytes(_), _) | (_, Kind::Bytes(_)) => Kind::Bytes(None),
                    _ => Kind::Text,
                };
                let mut pieces = self.pieces(a)?;
                pieces.extend(self.pieces(b)?);
                return Ok(Operand::new(Form::Text(pieces), kind));
            }
            if kinds.0.is_list() && kinds.1.is_list() {
                let kind = Kind::list(kinds.0.item(None).merge(kinds.1.item(None)));
                let (a, b) = (self.word(&a)?, self.word(&b)?);
                return Ok(Operand::call(format!("list {a} {b}"), kind));
            }
        }
        if op == Operator::Mult && (kinds.0.is_text() || kinds.1.is_text()) {
            let (data, times) = if kinds.0.is_text() { (a, b) } else { (b, a) };
            let kind = if data.kind == Kind::Text { Kind::Text } else { Kind::Bytes(None) };
            let data = self.lifted(data)?;
            let (times, data) = (self.word(&times)?, self.word(&data)?);
            return Ok(Operand::call(format!("slice --repeat {times} {data} 0"), kind));
        }
        if op == Operator::Mult && (kinds.0.is_list() || kinds.1.is_list()) {
            return Err(mark::no_line_for("[…] * n"));
        }
        let clock = *kinds.0 == Kind::Clock || *kinds.1 == Kind::Clock;
        if !clock && (*kinds.0 == Kind::Float || *kinds.1 == Kind::Float) {
            return Err(mark::FRACTIONS.into());
        }
        if clock && !matches!(op, Operator::Add | Operator::Sub) {
            return Err(mark::FRACTIONS.into());
        }
        let (a, b) = if clock { self.times(a, b)? } else { (a, b) };
        let sign = match op {
            Operator::Add => "+",
            Operator::Sub => "-",
            Operator::Mult => "*",
            Operator::FloorDiv => "/",
            Operator::Div => {
                self.changed(mark::ROUNDED_DOWN);
                "/"
            }
            Operator::Mod => "%",
            Operator::LShift => "<<",
            Operator::RShift => ">>",
            Operator::BitAnd => "&",
            Operator::BitOr => "|",
            Operator::BitXor => "^",
            Operator::Pow => {
                let power =
                    a.number().zip(b.number()).and_then(|(a, b)| a.checked_pow(u32::try_from(b).ok()?));
                return match (power, a.number()) {
                    (Some(n), _) => Ok(Operand::int(n)),
                    (None, Some(2)) => {
                        let n = self.term(&b)?;
                        Ok(Operand::new(Form::Sum(format!("1 << {n}")), Kind::Int))
                    }
                    _ => Err(mark::no_line_for("**")),
                };
            }
            Operator::MatMult => return Err(mark::no_line_for("@")),
        };
        if op == Operator::Add && a.kind == Kind::Unknown && b.kind == Kind::Unknown {
            self.changed(mark::TAKEN_AS_NUMBERS);
        }
        let kind = if clock { Kind::Clock } else { Kind::Int };
        let (a, b) = (self.term(&a)?, self.term(&b)?);
        Ok(Operand::new(Form::Sum(format!("{a} {sign} {b}")), kind))
    }

    /// `x[i]`, `x[i:j]`.
    fn subscript(&mut self, at: &ExprSubscript) -> Said<Operand> {
        if self.dotted(&at.value).as_deref() == Some("sys.argv")
            && let Expr::NumberLiteral(number) = &*at.slice
            && let Number::Int(n) = &number.value
            && let Some(n) = n.as_u8()
            && n > 0
        {
            return Ok(Operand::path(n.to_string(), Kind::Text));
        }
        if let Expr::Slice(slice) = &*at.slice {
            if slice.step.is_some() {
                return Err(mark::no_line_for("[::n]"));
            }
            let zero = Expr::from(ruff_python_ast::ExprNumberLiteral {
                node_index: Default::default(),
                range: at.range,
                value: Number::Int(0u8.into()),
            });
            let mut parts: Vec<&Expr> = vec![&at.value, slice.lower.as_deref().unwrap_or(&zero)];
            parts.extend(slice.upper.as_deref());
            let operands = self.in_order(&parts)?;
            let kind = match &operands[0].kind {
                Kind::Bytes(_) => {
                    let places: Vec<Option<i64>> = operands[1..].iter().map(Operand::number).collect();
                    match places.as_slice() {
                        [Some(from), Some(to)] if *from >= 0 && to >= from => {
                            Kind::Bytes(u64::try_from(to - from).ok())
                        }
                        _ => Kind::Bytes(None),
                    }
                }
                Kind::Text => {
                    if operands[0].literal().is_none_or(|bytes| !bytes.is_ascii()) {
                        self.changed(mark::PLACES_ARE_BYTES);
                    }
                    Kind::Text
                }
                Kind::Tuple(_) => Kind::list(operands[0].kind.item(None)),
                kind => kind.clone(),
            };
            let mut line = String::from("slice");
            for operand in &operands {
                line.push(' ');
                line.push_str(&self.word(operand)?);
            }
            return Ok(Operand::call(line, kind));
        }
        let operands = self.in_order(&[&at.value, &at.slice])?;
        self.item(operands[0].clone(), &operands[1])
    }

    /// The item of a value at a place, or under a key.
    pub fn item(&mut self, value: Operand, place: &Operand) -> Said<Operand> {
        let number = place.number().and_then(|n| usize::try_from(n).ok());
        let kind = value.kind.item(number);
        match (&value.kind, number) {
            (Kind::Address, Some(at @ (0 | 1))) => {
                let property = if at == 0 { "host" } else { "port" };
                self.property(value, property, kind)
            }
            (Kind::Address, _) => Err(mark::no_line_for("address[n]")),
            (Kind::Bytes(_), _) => {
                let data = self.word(&value)?;
                let at = self.word(place)?;
                Ok(Operand::call(format!("unpack --at {at} u8 {data}"), Kind::Int))
            }
            (Kind::Text, Some(at)) => self.property(value, &format!("chars.{at}"), Kind::Text),
            (Kind::Text, None) => {
                let chars = self.property(value, "chars", Kind::list(Kind::Text))?;
                let (chars, at) = (self.word(&chars)?, self.word(place)?);
                Ok(Operand::call(format!("get {chars} {at}"), Kind::Text))
            }
            (Kind::Map(keys, _), _) => {
                self.note_key(keys, &place.kind);
                let key =
                    place.literal().filter(|key| is_key(key)).and_then(|key| String::from_utf8(key).ok());
                match key {
                    Some(key) => self.property(value, &key, kind),
                    None => self.got(value, place, kind),
                }
            }
            (Kind::Json, None) => {
                let key =
                    place.literal().filter(|key| is_key(key)).and_then(|key| String::from_utf8(key).ok());
                match key {
                    Some(key) => self.property(value, &key, kind),
                    None => self.got(value, place, kind),
                }
            }
            (Kind::List(_) | Kind::Tuple(_), Some(at)) => self.property(value, &at.to_string(), kind),
            _ => self.got(value, place, kind),
        }
    }

    /// A key of one kind among those of another: here all are text.
    pub fn note_key(&mut self, keys: &Kind, key: &Kind) {
        let same = keys == key || keys.is_bytes() && key.is_bytes();
        let unknown = *keys == Kind::Unknown || keys.is_text() && *key == Kind::Unknown;
        if !same && !unknown {
            self.changed(mark::KEYS_ARE_TEXT);
        }
    }

    fn got(&mut self, value: Operand, place: &Operand, kind: Kind) -> Said<Operand> {
        let (value, place) = (self.word(&value)?, self.word(place)?);
        Ok(Operand::call(format!("get {value} {place}"), kind))
    }

    fn list_comprehension(
        &mut self,
        item: &Expr,
        generators: &[ruff_python_ast::Comprehension],
    ) -> Said<Operand> {
        let name = self.temporary();
        self.push(format!("{name} = list"));
        let mut kind = Kind::Unknown;
        self.generated(generators, &mut |pass| {
            let value = pass.value(item)?;
            kind = value.kind.clone();
            let word = pass.word(&value)?;
            if kind.is_spread() {
                pass.push(format!("append {name} 0"));
                pass.push(format!("put {name} -1 {word}"));
            } else {
                pass.push(format!("append {name} {word}"));
            }
            Ok(())
        })?;
        Ok(Operand::path(name.clone(), Kind::list(kind)))
    }

    fn map_comprehension(
        &mut self,
        key: &Expr,
        value: &Expr,
        generators: &[ruff_python_ast::Comprehension],
    ) -> Said<Operand> {
        let name = self.temporary();
        self.push(format!("{name} = map"));
        let mut kind = Kind::map(Kind::Unknown, Kind::Unknown);
        self.generated(generators, &mut |pass| {
            let operands = pass.in_order(&[key, value])?;
            kind = Kind::map(operands[0].kind.clone(), operands[1].kind.clone());
            let (key, value) = (pass.word(&operands[0])?, pass.word(&operands[1])?);
            pass.push(format!("put {name} {key} {value}"));
            Ok(())
        })?;
        Ok(Operand::path(name.clone(), kind))
    }

    /// The loops of a comprehension around what `inner` pushes.
    fn generated(
        &mut self,
        generators: &[ruff_python_ast::Comprehension],
        inner: &mut dyn FnMut(&mut Self) -> Said<()>,
    ) -> Said<()> {
        let Some((first, rest)) = generators.split_first() else { return inner(self) };
        // Its names are its own: where others have them too they are others here.
        let (mut hidden, mut fresh) = (Vec::new(), Vec::new());
        for name in targets(&first.target) {
            let times = |counts: &HashMap<String, usize>| counts.get(name).copied().unwrap_or(0);
            let place = self.place_of(name);
            let given = format!("{place} {name}");
            let is_given = self.known.given.contains(&given);
            if !is_given {
                fresh.push(given);
            }
            if is_given || times(&self.scan.stores) > times(&self.scan.comprehended) {
                let own = self.temporary();
                self.known.python.insert(own.clone(), name.to_string());
                let key = (place, name.to_string());
                hidden.push((
                    self.known.renamed.insert(name.to_string(), own),
                    self.known.kinds.get(&key).cloned(),
                    key,
                ));
            }
        }
        let said = self.generated_by(first, rest, inner);
        for given in fresh {
            self.known.given.remove(&given);
        }
        for (sock, kind, key) in hidden {
            match sock {
                Some(sock) => self.known.renamed.insert(key.1.clone(), sock),
                None => self.known.renamed.remove(&key.1),
            };
            match kind {
                Some(kind) => self.known.kinds.insert(key, kind),
                None => self.known.kinds.remove(&key),
            };
        }
        said
    }

    fn generated_by(
        &mut self,
        first: &ruff_python_ast::Comprehension,
        rest: &[ruff_python_ast::Comprehension],
        inner: &mut dyn FnMut(&mut Self) -> Said<()>,
    ) -> Said<()> {
        let heads = self.for_head(&first.target, &first.iter)?;
        for test in &first.ifs {
            let test = self.condition(test)?;
            self.push(format!("if {}", test.text));
            self.indent += 1;
        }
        self.deeper(|pass| pass.generated(rest, inner))?;
        for _ in 0..heads + first.ifs.len() {
            self.indent -= 1;
            self.push("end");
        }
        Ok(())
    }
}

/// Whether a key can stand as a property.
fn is_key(key: &[u8]) -> bool {
    let named = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
    key.first().is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_') && key.iter().all(named)
}

/// Names that Python knows from the start.
pub fn is_builtin(name: &str) -> bool {
    const NAMES: &[&str] = &[
        "print",
        "input",
        "len",
        "str",
        "int",
        "float",
        "bool",
        "bytes",
        "bytearray",
        "list",
        "dict",
        "tuple",
        "set",
        "range",
        "min",
        "max",
        "sum",
        "abs",
        "chr",
        "ord",
        "hex",
        "bin",
        "oct",
        "open",
        "sorted",
        "enumerate",
        "zip",
        "map",
        "filter",
        "isinstance",
        "type",
        "repr",
        "exit",
        "quit",
        "any",
        "all",
        "round",
        "format",
        "iter",
        "next",
        "super",
        "object",
        "id",
        "hash",
        "callable",
        "getattr",
        "setattr",
        "hasattr",
        "vars",
        "dir",
        "help",
        "eval",
        "exec",
        "compile",
        "globals",
        "locals",
        "memoryview",
        "frozenset",
        "slice",
        "property",
        "staticmethod",
        "classmethod",
        "reversed",
        "divmod",
        "pow",
        "ascii",
        "complex",
        "NotImplemented",
        "Ellipsis",
        "__import__",
        "__file__",
    ];
    NAMES.contains(&name) || crate::value::errno::Caught::from_name(name).is_some()
}

/// Pieces of one text.
pub fn of_pieces(pieces: Vec<Piece>) -> Operand {
    Operand::new(Form::Text(pieces), Kind::Text)
}
