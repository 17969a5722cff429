//! Simple statements: assignments, calls that stand alone, `import`, `raise`, `return`.

use ruff_python_ast::{Alias, Expr, ExprContext, InterpolatedStringElement, Stmt, StmtAugAssign};

use super::call::MODULES;
use super::mark;
use super::operand::{Form, Kind, Operand, dollar, quoted};
use super::pass::{Pass, Said, comment};
use crate::value::errno::Caught;

impl Pass<'_> {
    /// The lines of a statement, or why there are none.
    pub fn say(&mut self, stmt: &Stmt) -> Said<()> {
        match stmt {
            Stmt::FunctionDef(def) => self.function_def(def),
            Stmt::ClassDef(def) => self.class_def(def),
            Stmt::Return(back) => self.say_return(back.value.as_deref()),
            Stmt::Delete(delete) => delete.targets.iter().try_for_each(|target| self.delete(target)),
            Stmt::Assign(assign) => {
                let (first, rest) = assign.targets.split_first().ok_or(mark::NO_RESULT)?;
                if !rest.is_empty() && calls(first) {
                    return Err(mark::RUNS_TWICE.into());
                }
                self.assign(first, &assign.value)?;
                // `a = b = 5`: the second is given the value of the first.
                for target in rest {
                    let value = self.value(&as_loaded(first))?;
                    self.store(target, value)?;
                }
                Ok(())
            }
            Stmt::AugAssign(assign) => self.augmented(assign),
            Stmt::AnnAssign(assign) => match &assign.value {
                Some(value) => self.assign(&assign.target, value),
                None => Ok(()),
            },
            Stmt::For(stmt) => self.say_for(stmt),
            Stmt::While(stmt) => self.say_while(stmt),
            Stmt::If(stmt) => self.say_if(stmt),
            Stmt::With(stmt) if stmt.is_async => Err(mark::no_line_for("async with")),
            Stmt::With(stmt) => self.say_with(&stmt.items, &stmt.body),
            Stmt::Try(stmt) => self.say_try(stmt),
            Stmt::Raise(raise) => self.say_raise(raise.exc.as_deref()),
            Stmt::Assert(assert) => {
                let test = self.condition(&assert.test)?;
                let words = match &assert.msg {
                    Some(text) => {
                        let start = self.out.len();
                        let value = self.value(text)?;
                        let pieces = self.shown(value)?;
                        let before = self.take(start);
                        // The text is due only where the condition does not hold.
                        if self.changes(&before, &Operand::act("")).1 {
                            return Err(mark::no_line_for(&self.text_of(stmt)));
                        }
                        self.give(before);
                        format!(" else {}", quoted(&pieces))
                    }
                    None => String::new(),
                };
                self.push(format!("expect {}{words}", test.text));
                Ok(())
            }
            Stmt::Import(import) => import.names.iter().try_for_each(|alias| self.import(alias)),
            Stmt::ImportFrom(import) => {
                let module = import.module.as_ref().map_or(".", |module| module.id.as_str()).to_string();
                if import.level > 0 || !MODULES.contains(&module.as_str()) {
                    return Err(unknown_module(&module));
                }
                for alias in &import.names {
                    self.import_name(&module, alias);
                }
                Ok(())
            }
            Stmt::Expr(stmt) => self.say_expression(&stmt.value),
            Stmt::Global(_) | Stmt::Pass(_) => Ok(()),
            Stmt::Nonlocal(_) => Err(mark::CLOSURE.into()),
            Stmt::Break(_) | Stmt::Continue(_) if self.loops.is_empty() => {
                Err(mark::no_line_for(&self.text_of(stmt)))
            }
            Stmt::Break(_) => {
                if let Some(flag) = self.loops.last().and_then(|inner| inner.flag.clone()) {
                    self.push(format!("let {flag} = 1"));
                }
                self.push("break");
                Ok(())
            }
            Stmt::Continue(_) => {
                self.push("continue");
                Ok(())
            }
            Stmt::Match(_) => Err(mark::no_line_for("match")),
            Stmt::TypeAlias(_) => Ok(()),
            Stmt::IpyEscapeCommand(_) => Err(mark::no_line_for(&self.text_of(stmt))),
        }
    }

    fn import(&mut self, alias: &Alias) -> Said<()> {
        let module = alias.name.id.as_str();
        let first = module.split('.').next().unwrap_or(module);
        let name = alias.asname.as_ref().map_or(first, |name| name.id.as_str()).to_string();
        if !MODULES.contains(&first) && first != "pickle" {
            return Err(unknown_module(module));
        }
        self.known.imports.insert(name, first.to_string());
        if first == "pickle" { Err(mark::PICKLE.into()) } else { Ok(()) }
    }

    fn import_name(&mut self, module: &str, alias: &Alias) {
        let name = alias.name.id.as_str();
        if name == "*" {
            for name in STARRED.iter().filter(|_| module == "socket") {
                self.known.imports.insert(name.to_string(), format!("socket.{name}"));
            }
            return;
        }
        let own = alias.asname.as_ref().map_or(name, |own| own.id.as_str()).to_string();
        self.known.imports.insert(own, format!("{module}.{name}"));
    }

    fn say_return(&mut self, value: Option<&Expr>) -> Said<()> {
        if self.function.is_empty() {
            return Err(mark::no_line_for("return"));
        }
        let Some(value) = value.filter(|value| !matches!(value, Expr::NoneLiteral(_))) else {
            self.gives_none();
            self.push("return");
            return Ok(());
        };
        let (line, kind) = match value {
            Expr::Tuple(tuple) if tuple.elts.len() > 1 => {
                tuple.elts.iter().for_each(|item| self.hand_on(item));
                let (words, kinds) = self.items(&tuple.elts)?;
                (format!("return{words}"), Kind::tuple(kinds))
            }
            _ => {
                self.hand_on(value);
                let value = self.value(value)?;
                let shared = value.root().is_some_and(|root| {
                    let python = self.known.python.get(root);
                    let own = self.known.functions.get(&self.function);
                    let given = |python: &String| {
                        own.is_some_and(|own| own.parameters.iter().any(|(parameter, _)| parameter == python))
                    };
                    python.is_some_and(|python| self.place_of(python).is_empty() || given(python))
                });
                if shared && value.kind.is_shared() {
                    self.note_copy("", &value);
                    let name = self.known.def_name(&self.function.clone());
                    self.known.sharing_defs.insert(name);
                }
                if value.kind == Kind::None || self.may_be_none(&value) {
                    self.gives_none();
                }
                match &value.form {
                    Form::Act(command) => {
                        if !command.is_empty() {
                            self.push(command);
                        }
                        ("return".into(), Kind::None)
                    }
                    _ => (format!("return {}", self.side(&value)?), value.kind),
                }
            }
        };
        let name = self.function.clone();
        if let Some(function) = self.known.functions.get_mut(&name)
            && kind != Kind::None
        {
            let before = function.returned.take().unwrap_or(Kind::None);
            function.returned = Some(before.merge(kind));
        }
        self.push(line);
        Ok(())
    }

    /// The function that is read may give None.
    pub fn gives_none(&mut self) {
        let name = self.known.def_name(&self.function.clone());
        self.known.none_defs.insert(name);
    }

    /// `del x[k]`; a name that goes is nothing here.
    fn delete(&mut self, target: &Expr) -> Said<()> {
        let Expr::Subscript(at) = target else { return Ok(()) };
        let value = self.value(&at.value)?;
        let Form::Path(path) = value.form.clone() else { return Err(mark::no_line_for("del")) };
        if path.contains('.') {
            return Err(mark::no_line_for("del"));
        }
        let place = self.value(&at.slice)?;
        match value.kind {
            Kind::Json | Kind::Unknown if !place.kind.is_text() => Err(mark::no_line_for("del")),
            Kind::Map(..) | Kind::Json | Kind::Unknown => {
                let key = self.word(&place)?;
                self.push(format!("remove {path} {key}"));
                Ok(())
            }
            Kind::List(_) => {
                let place = self.lifted(place)?;
                let at = self.word(&place)?;
                // Where there is no such item this is the error that Python has.
                let gone = self.temporary();
                self.push(format!("{gone} = get ${path} {at}"));
                let line = match place.number() {
                    Some(-1) => format!("{path} = slice ${path} 0 -1"),
                    Some(0) => format!("{path} = slice ${path} 1"),
                    Some(n) => {
                        let next = n.saturating_add(1);
                        format!("{path} = list $(slice ${path} 0 {at}) $(slice ${path} {next})")
                    }
                    None => {
                        let (from, next) = (self.temporary(), self.temporary());
                        self.push(format!("let {from} = ({at} + ${{{path}.len}}) % ${{{path}.len}}"));
                        self.push(format!("let {next} = ${from} + 1"));
                        format!("{path} = list $(slice ${path} 0 ${from}) $(slice ${path} ${next})")
                    }
                };
                self.push(line);
                Ok(())
            }
            _ => Err(mark::no_line_for("del")),
        }
    }

    /// `target = value`
    pub fn assign(&mut self, target: &Expr, value: &Expr) -> Said<()> {
        if let (Expr::Tuple(_) | Expr::List(_), Expr::Tuple(values)) = (target, value) {
            let targets = elements(target);
            if targets.len() == values.elts.len() && !targets.iter().any(|t| t.is_starred_expr()) {
                let exprs: Vec<&Expr> = values.elts.iter().collect();
                let mut operands = self.in_order(&exprs)?;
                // `a, b = b, a`: each value is kept before a name is given another.
                if targets.len() > 1 {
                    for operand in &mut operands {
                        if let Form::Path(path) = &operand.form {
                            let (name, word) = (self.temporary(), dollar(path));
                            self.push(format!("let {name} = {word}"));
                            operand.form = Form::Path(name);
                        }
                    }
                }
                for (target, operand) in targets.iter().zip(operands) {
                    self.store(target, operand)?;
                }
                return Ok(());
            }
        }
        if !matches!(target, Expr::Name(_)) {
            self.hand_on(value);
        }
        if let Expr::Name(name) = target {
            let buffer =
                matches!(value, Expr::Call(call) if self.dotted(&call.func).as_deref() == Some("bytearray"));
            let own = self.known.sock_name(&name.id);
            if buffer {
                self.known.buffers.insert(own)
            } else {
                self.known.buffers.remove(&own)
            };
        }
        if let (Expr::Tuple(_), Expr::Call(call)) = (target, value)
            && self.dotted(&call.func).as_deref() == Some("select.select")
        {
            let asked = usize::from(
                matches!(call.arguments.args.first(), Some(Expr::List(list)) if list.elts.is_empty()),
            );
            if let Some(Expr::Name(name)) = elements(target).get(asked)
                && name.id != "_"
                && !self.scan.shared.contains(name.id.as_str())
            {
                self.wanted = Some(self.known.sock_name(&name.id));
            }
        }
        let operand = self.value(value);
        self.wanted = None;
        self.store(target, operand?)
    }

    /// Gives a target a value that has been read.
    pub fn store(&mut self, target: &Expr, value: Operand) -> Said<()> {
        self.deeper(|pass| pass.store_in(target, value))
    }

    fn store_in(&mut self, target: &Expr, value: Operand) -> Said<()> {
        match target {
            Expr::Name(name) => self.set_name(&name.id, value),
            Expr::Attribute(attribute) => {
                let name = self.object_name(&attribute.value, &attribute.attr.id);
                let name = name.ok_or_else(|| mark::no_line_for(&self.text_of(target)))?;
                self.set_name(&name, value)
            }
            Expr::Tuple(_) | Expr::List(_) => self.store_each(elements(target), value),
            Expr::Subscript(at) => {
                // The value is due before the place that it goes to.
                let value = match value.form {
                    Form::Sum(_) | Form::Pair(_) => self.named(value)?,
                    Form::Call(_) | Form::Part(..) if calls(&at.slice) => self.named(value)?,
                    Form::Path(_) | Form::Text(_) if calls(&at.slice) => self.kept(value)?,
                    _ => value,
                };
                let whole = self.value(&at.value)?;
                let kind = value.kind.clone();
                if calls(&at.value) {
                    return Err(mark::RUNS_TWICE.into());
                }
                if matches!(&*at.slice, Expr::Slice(_)) || whole.kind.is_text() {
                    return Err(mark::no_line_for(&self.text_of(target)));
                }
                let place = self.value(&at.slice)?;
                if let Kind::Map(keys, _) = &whole.kind {
                    self.note_key(keys, &place.kind);
                }
                self.note_copy("", &value);
                let (key, word) = (self.word(&place)?, self.word(&value)?);
                match &whole.form {
                    Form::Path(path) if !path.contains('.') => {
                        let path = path.clone();
                        self.push(format!("put {path} {key} {word}"));
                        self.note_item(&path, &place.kind, &kind);
                        Ok(())
                    }
                    // A map inside another is taken out, changed, and put back.
                    _ => {
                        let inner = self.temporary();
                        let line = match &whole.form {
                            Form::Path(path) => format!("let {inner} = {}", dollar(path)),
                            Form::Call(command) => format!("{inner} = {command}"),
                            _ => self.giving(&inner, &whole)?,
                        };
                        self.push(line);
                        self.push(format!("put {inner} {key} {word}"));
                        self.store(&at.value, Operand::path(inner, whole.kind))
                    }
                }
            }
            Expr::Starred(_) => Err(mark::no_line_for("*name =")),
            _ => Err(mark::no_line_for(&self.text_of(target))),
        }
    }

    fn store_each(&mut self, targets: &[Expr], value: Operand) -> Said<()> {
        if targets.iter().any(|target| target.is_starred_expr()) {
            return Err(mark::no_line_for("*name ="));
        }
        if let Form::Lists(names) = &value.form {
            for (at, (target, name)) in targets.iter().zip(names).enumerate() {
                let unused = matches!(target, Expr::Name(name) if name.id == "_" || !self.scan.reads.contains_key(name.id.as_str()));
                let kind = value.kind.item(Some(at));
                match target {
                    _ if unused => {}
                    Expr::Name(own) if self.known.sock_name(&own.id) == *name => {
                        self.note_kind(&own.id, kind)
                    }
                    _ if name.is_empty() => self.store(target, Operand::call("list", kind))?,
                    _ => self.store(target, Operand::path(name, kind))?,
                }
            }
            return Ok(());
        }
        let simple = |target: &Expr| matches!(target, Expr::Name(_) | Expr::Attribute(_));
        let command = match &value.form {
            Form::Pair(command) if targets.len() == 2 => Some(command.clone()),
            Form::Call(_) if is_single(&value.kind) => return Err(mark::no_line_for("a, b = …")),
            Form::Call(command) if targets.len() > 1 => Some(command.clone()),
            _ => None,
        };
        if let (Some(command), Some(_)) = (command, targets.iter().find(|target| simple(target))) {
            let mut names = Vec::new();
            let mut later = Vec::new();
            for (at, target) in targets.iter().enumerate() {
                let kind = value.kind.item(Some(at));
                let python = match target {
                    Expr::Name(name) => Some(name.id.to_string()),
                    Expr::Attribute(attribute) => self.object_name(&attribute.value, &attribute.attr.id),
                    _ => None,
                };
                match python {
                    Some(name) if name == "_" => names.push("_".to_string()),
                    // Of the same name the last counts.
                    Some(name) if targets[at + 1..].iter().any(|later| is_named(later, &name)) => {
                        names.push("_".to_string());
                    }
                    Some(name) => {
                        self.note_name(&name, &kind);
                        names.push(self.known.sock_name(&name));
                    }
                    None => {
                        let name = self.temporary();
                        later.push((target, Operand::path(name.clone(), kind)));
                        names.push(name);
                    }
                }
            }
            self.push(format!("{} = {command}", names.join(", ")));
            return later.into_iter().try_for_each(|(target, value)| self.store(target, value));
        }
        let value = Operand { form: Form::Path(self.path(value.clone())?), kind: value.kind };
        for (at, target) in targets.iter().enumerate() {
            let place = Operand::int(at as i64);
            let item = self.item(value.clone(), &place)?;
            self.store(target, item)?;
        }
        Ok(())
    }

    /// Gives a name a value, and remembers its kind.
    pub fn set_name(&mut self, python: &str, value: Operand) -> Said<()> {
        if python == "_" {
            return if value.runs() { self.alone(value) } else { Ok(()) };
        }
        let name = self.known.sock_name(python);
        let kind = match (value.kind.clone(), &value.form) {
            (Kind::Thread(mut thread), _) => {
                if thread.job.is_empty() {
                    thread.job = name;
                }
                self.note_kind(python, Kind::Thread(thread));
                return Ok(());
            }
            (kind @ (Kind::Lock | Kind::Event | Kind::Queue), Form::Act(_)) => {
                self.push(format!("{name}_in, {name}_out = socketpair unix seqpacket"));
                if kind == Kind::Lock {
                    self.push(format!("{name}_in.send \"1\""));
                }
                if kind == Kind::Queue {
                    self.changed(mark::QUEUE_OF_TEXT);
                }
                self.note_kind(python, kind);
                return Ok(());
            }
            (kind @ (Kind::SocketFile { .. } | Kind::Object(_)), _) => {
                self.note_kind(python, kind);
                return Ok(());
            }
            (kind, _) => kind,
        };
        if self.may_be_none(&value) {
            self.known.nones.insert((self.place_of(python), python.to_string()));
        }
        let once = self.function.is_empty() && self.scan.outer.get(python) == Some(&1);
        match value.literal().filter(|_| once && !self.scan.shared.contains(python)) {
            Some(literal) => self.known.constants.insert(name.clone(), literal),
            None => self.known.constants.remove(&name),
        };
        if let Kind::File { .. } = kind {
            self.known.files.insert(name.clone(), (self.indent, false));
        }
        let line = self.giving(&name, &value)?;
        if matches!(value.form, Form::Call(_) | Form::Pair(_)) {
            self.note_name(python, &kind);
        } else {
            self.note_kind(python, kind);
        }
        let first = self.function.is_empty()
            && self.indent == 0
            && self.scan.shared.contains(python)
            && self.known.shared.insert(python.to_string());
        let line = if first { format!("share {}", line.strip_prefix("let ").unwrap_or(&line)) } else { line };
        self.push(line);
        Ok(())
    }

    /// A name has a value that was made now: a socket that it had before, or that nothing closes, stays open.
    fn note_name(&mut self, python: &str, kind: &Kind) {
        let place = self.place_of(python);
        let key = (place, python.to_string());
        if *kind == Kind::Socket {
            let often = !self.loops.is_empty() || !key.0.is_empty();
            let closed = self.known.closed.get(&key).is_some_and(|within| *within >= self.loops.len());
            if !self.known.open.insert(key) || often && !closed {
                self.changed(mark::SOCKET_LEFT_OPEN);
            }
        }
        self.note_kind(python, kind.clone());
    }

    pub fn note_kind(&mut self, python: &str, kind: Kind) {
        let place = self.place_of(python);
        self.known.given.insert(format!("{place} {python}"));
        let key = (place.clone(), python.to_string());
        let before = self.known.values_before.get(&key);
        if kind == Kind::Clock && before.is_some_and(|before| *before != Kind::Clock) {
            self.changed(mark::NANOSECONDS);
        }
        let kind = self.known.noted(key, kind);
        self.known.set_kind(&place, python, kind);
    }

    /// A list or a map, by its sockbook name, has got an item of this kind, under a key of this kind.
    pub fn note_item(&mut self, path: &str, key: &Kind, kind: &Kind) {
        let Some(python) = self.known.python.get(path).cloned() else { return };
        let place = self.place_of(&python);
        let with = |before: &Kind, kind: &Kind| match before {
            Kind::Unknown => kind.clone(),
            before => before.clone().merge(kind.clone()),
        };
        let merged = match self.known.kind(&place, &python).cloned() {
            Some(Kind::Map(keys, item)) => Kind::map(with(&keys, key), with(&item, kind)),
            Some(Kind::List(item)) => Kind::list(with(&item, kind)),
            _ => return,
        };
        self.known.set_kind(&place, &python, merged);
    }

    /// `x += value`
    fn augmented(&mut self, assign: &StmtAugAssign) -> Said<()> {
        if calls(&assign.target) {
            return Err(mark::RUNS_TWICE.into());
        }
        let loaded = as_loaded(&assign.target);
        let mut operands = self.in_order(&[&loaded, &assign.value])?.into_iter();
        let (Some(before), Some(value)) = (operands.next(), operands.next()) else {
            return Err(mark::NO_RESULT.into());
        };
        if before.kind.is_list()
            && let Form::Path(path) = &before.form
            && !path.contains('.')
        {
            let path = path.clone();
            let value = self.as_list(value)?;
            self.note_item(&path, &Kind::Int, &value.kind.item(None));
            let word = self.word(&value)?;
            self.push(format!("append {path} {word}"));
            return Ok(());
        }
        let combined = self.combined(before, assign.op, value)?;
        self.store(&assign.target, combined)
    }

    /// An expression that stands alone.
    fn say_expression(&mut self, expr: &Expr) -> Said<()> {
        match expr {
            // What describes the code, or nothing.
            Expr::StringLiteral(text) => {
                for line in text.value.to_str().lines().map(str::trim).filter(|line| !line.is_empty()) {
                    self.push(comment(&format!("# {line}")));
                }
                return Ok(());
            }
            Expr::EllipsisLiteral(_) | Expr::NumberLiteral(_) => return Ok(()),
            // The class above is Thread, or none.
            Expr::Call(call) if is_super_init(&call.func) => return Ok(()),
            Expr::Call(call) if self.dotted(&call.func).as_deref() == Some("print") => {
                return self.print(call);
            }
            _ => {}
        }
        let value = self.value(expr)?;
        self.alone(value)
    }

    /// A value as a line of its own.
    pub fn alone(&mut self, value: Operand) -> Said<()> {
        match &value.form {
            Form::Act(command) if command.is_empty() => {}
            Form::Call(command) | Form::Act(command) | Form::Pair(command) => self.push(command),
            Form::Sum(sum) => self.push(sum),
            Form::Lists(_) => {}
            _ => {
                let word = self.word(&value)?;
                self.push(word);
            }
        }
        Ok(())
    }

    fn say_raise(&mut self, error: Option<&Expr>) -> Said<()> {
        let Some(error) = error else {
            let Some(Some(name)) = self.caught.last() else { return Err(mark::no_line_for("raise")) };
            let line = format!("raise ${{{name}.class}} ${{{name}.message}}");
            self.push(line);
            return Ok(());
        };
        let (class, arguments) = match error {
            Expr::Call(call) => (&*call.func, &call.arguments.args[..]),
            Expr::Name(name) if matches!(self.kind_of(&name.id), Some(Kind::Error)) => {
                let name = self.known.sock_name(&name.id);
                self.push(format!("raise ${{{name}.class}} ${{{name}.message}}"));
                return Ok(());
            }
            other => (other, &[][..]),
        };
        let names = self.error_name(class)?;
        let class = names.split(' ').next().unwrap_or("Exception").to_string();
        let words = match arguments.last() {
            Some(text) => {
                let text = self.value(text)?;
                let pieces = self.shown(text)?;
                quoted(&pieces)
            }
            None => "\"\"".to_string(),
        };
        self.push(format!("raise {class} {words}"));
        Ok(())
    }

    /// The classes of errors that a Python class stands for.
    pub fn error_name(&mut self, class: &Expr) -> Said<String> {
        if let Expr::Name(name) = class
            && let Some(own) = self.known.classes.get(name.id.as_str()).and_then(|class| class.error.clone())
        {
            self.changed(mark::OWN_ERROR);
            return Ok(own);
        }
        let text = self.text_of(class);
        let full = self.dotted(class).unwrap_or_else(|| text.clone());
        let name = full.rsplit('.').next().unwrap_or(&full);
        Ok(match full.as_str() {
            "struct.error" => "ValueError OverflowError".into(),
            "socket.timeout" => "TimeoutError".into(),
            "queue.Empty" => "TimeoutError".into(),
            "socket.error" | "IOError" | "EnvironmentError" => "OSError".into(),
            "NotImplementedError" => "RuntimeError".into(),
            "BaseException" => "Exception".into(),
            "KeyboardInterrupt" | "SystemExit" => return Err(mark::CTRL_C.into()),
            _ if matches!(Caught::from_name(name), Some(Caught::Class(_))) => name.to_string(),
            _ => return Err(mark::no_line_for(&text)),
        })
    }
}

/// Names that `from socket import *` brings.
const STARRED: &[&str] = &[
    "socket",
    "socketpair",
    "create_connection",
    "create_server",
    "gethostname",
    "gethostbyname",
    "getaddrinfo",
    "htons",
    "htonl",
    "ntohs",
    "ntohl",
    "inet_aton",
    "inet_ntoa",
    "inet_pton",
    "inet_ntop",
    "getservbyname",
    "getservbyport",
    "getprotobyname",
    "timeout",
    "error",
    "gaierror",
    "herror",
    "AF_INET",
    "AF_INET6",
    "AF_UNIX",
    "SOCK_STREAM",
    "SOCK_DGRAM",
    "SOCK_RAW",
    "SOCK_SEQPACKET",
    "SOL_SOCKET",
    "SO_REUSEADDR",
    "SO_REUSEPORT",
    "SO_BROADCAST",
    "SO_KEEPALIVE",
    "SO_RCVBUF",
    "SO_SNDBUF",
    "SO_LINGER",
    "SO_ERROR",
    "IPPROTO_TCP",
    "IPPROTO_UDP",
    "IPPROTO_IP",
    "IPPROTO_IPV6",
    "TCP_NODELAY",
    "SHUT_RD",
    "SHUT_WR",
    "SHUT_RDWR",
    "MSG_PEEK",
    "MSG_WAITALL",
    "MSG_DONTWAIT",
    "MSG_OOB",
    "SOMAXCONN",
    "INADDR_ANY",
];

fn unknown_module(module: &str) -> crate::words::Sentence {
    say!(
        en "the module `{module}` has no lines here; what needs it is marked too",
        es "el módulo `{module}` no tiene líneas aquí; lo que lo necesita también se marca",
        module
    )
}

/// A value that is no list of several.
fn is_single(kind: &Kind) -> bool {
    matches!(
        kind,
        Kind::Socket | Kind::Int | Kind::Bool | Kind::Float | Kind::None | Kind::Text | Kind::Bytes(_)
    )
}

fn is_named(target: &Expr, name: &str) -> bool {
    matches!(target, Expr::Name(own) if *own.id == *name)
}

/// `super().__init__`
fn is_super_init(called: &Expr) -> bool {
    matches!(called, Expr::Attribute(method) if &*method.attr.id == "__init__"
        && matches!(&*method.value, Expr::Call(call) if matches!(&*call.func, Expr::Name(name) if name.id == "super")))
}

fn elements(target: &Expr) -> &[Expr] {
    match target {
        Expr::Tuple(tuple) => &tuple.elts,
        Expr::List(list) => &list.elts,
        _ => &[],
    }
}

/// Whether a call stands in an expression.
fn calls(expr: &Expr) -> bool {
    match expr {
        Expr::Name(_) | Expr::StringLiteral(_) | Expr::BytesLiteral(_) | Expr::NumberLiteral(_) => false,
        Expr::Attribute(attribute) => calls(&attribute.value),
        Expr::Subscript(at) => calls(&at.value) || calls(&at.slice),
        Expr::BinOp(sum) => calls(&sum.left) || calls(&sum.right),
        Expr::UnaryOp(unary) => calls(&unary.operand),
        Expr::Tuple(tuple) => tuple.elts.iter().any(calls),
        Expr::FString(text) => text.value.elements().any(|element| match element {
            InterpolatedStringElement::Interpolation(hole) => calls(&hole.expression),
            InterpolatedStringElement::Literal(_) => false,
        }),
        _ => true,
    }
}

/// A target as the expression that reads it.
fn as_loaded(target: &Expr) -> Expr {
    let mut loaded = target.clone();
    if let Expr::Name(name) = &mut loaded {
        name.ctx = ExprContext::Load;
    }
    loaded
}
