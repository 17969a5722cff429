//! Functions, classes of one object, and threads.

use std::collections::BTreeSet;

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{Expr, ExprCall, ExprContext, Parameters, Stmt, StmtClassDef, StmtFunctionDef};

use super::call::attribute_name;
use super::mark;
use super::names::Class;
use super::operand::{Form, Kind, Operand, Thread};
use super::pass::{Pass, Said};

impl Pass<'_> {
    pub fn function_def(&mut self, def: &StmtFunctionDef) -> Said<()> {
        if !self.function.is_empty() {
            return Err(mark::CLOSURE.into());
        }
        if let Some(decorator) = def.decorator_list.first() {
            return Err(mark::no_line_for(&self.text_of(decorator)));
        }
        if def.is_async {
            return Err(mark::no_line_for("async def"));
        }
        let name = def.name.id.to_string();
        self.define(&name, &name, &def.parameters, &[&def.body], false)
    }

    /// A `def` named after `python`; `scanned` is what the scan of names calls it. A method's first parameter is left out.
    fn define(
        &mut self,
        python: &str,
        scanned: &str,
        parameters: &Parameters,
        bodies: &[&[Stmt]],
        method: bool,
    ) -> Said<()> {
        if parameters.kwarg.is_some() || !parameters.kwonlyargs.is_empty() {
            return Err(mark::no_line_for("**kwargs"));
        }
        if scanned != python
            && let Some(locals) = self.scan.locals.get(scanned).cloned()
        {
            self.scan.locals.entry(python.to_string()).or_default().extend(locals);
        }
        let name = self.known.def_name(python);
        let mut function = self.known.functions.remove(python).unwrap_or_default();
        function.name.clone_from(&name);
        function.parameters.clear();
        function.rest = parameters.vararg.is_some();
        let mut line = format!("def {name}");
        let all = parameters.posonlyargs.iter().chain(&parameters.args).skip(usize::from(method));
        let outer = std::mem::replace(&mut self.function, python.to_string());
        for (at, parameter) in all.enumerate() {
            let own = parameter.name().id.to_string();
            let default = match &parameter.default {
                None => None,
                Some(default) => {
                    Some(self.default_word(default).inspect_err(|_| self.function.clone_from(&outer))?)
                }
            };
            let mut kind = function.arguments.get(at).cloned().unwrap_or(Kind::Unknown);
            if let Some(annotated) = parameter.parameter.annotation.as_deref().and_then(annotated) {
                kind = annotated;
            } else if matches!(kind, Kind::Unknown | Kind::None)
                && let Some(default) = &parameter.default
            {
                kind = literal_kind(default).unwrap_or(kind);
            }
            if kind == Kind::None {
                kind = Kind::Unknown;
            }
            if parameter.default.as_deref().is_some_and(Expr::is_none_literal_expr) {
                self.known.nones.insert((python.to_string(), own.clone()));
            }
            self.known.set_kind(python, &own, kind);
            line.push_str(&format!(" {}", self.known.sock_name(&own)));
            if let Some(word) = &default {
                line.push_str(&format!("={word}"));
            }
            function.parameters.push((own, default));
        }
        if let Some(rest) = &parameters.vararg {
            let own = rest.name.id.to_string();
            self.known.set_kind(python, &own, Kind::list(Kind::Unknown));
            line.push_str(&format!(" {}...", self.known.sock_name(&own)));
        }
        self.known.functions.insert(python.to_string(), function);
        let files = std::mem::take(&mut self.known.files);
        let loops = std::mem::take(&mut self.loops);
        let caught = std::mem::take(&mut self.caught);
        self.push(line);
        for body in bodies {
            self.block(body);
        }
        if bodies.last().is_some_and(|body| !leaves(body)) {
            self.gives_none();
        }
        if let Some(function) = self.known.functions.get_mut(python) {
            function.result = function.returned.take();
        }
        self.push("end");
        (self.loops, self.caught, self.function) = (loops, caught, outer);
        self.known.files = files;
        Ok(())
    }

    /// The word of a default: a literal.
    fn default_word(&mut self, default: &Expr) -> Said<String> {
        if matches!(default, Expr::NoneLiteral(_)) {
            return Ok("\"\"".into());
        }
        if let Expr::BooleanLiteral(flag) = default {
            return Ok(flag.value.to_string());
        }
        let value = self.value(default)?;
        match &value.form {
            Form::Word(_) => self.word(&value),
            Form::Text(_) if value.literal().is_some() => self.word(&value),
            _ => Err(mark::no_line_for(&format!("={}", self.text_of(default)))),
        }
    }

    /// A class of one object: its attributes are shared names, its methods `def`s.
    pub fn class_def(&mut self, def: &StmtClassDef) -> Said<()> {
        let name = def.name.id.to_string();
        if !self.function.is_empty() {
            return Err(mark::CLOSURE.into());
        }
        let refused = |pass: &mut Self, why: crate::words::Sentence| {
            pass.known.classes.insert(name.clone(), Class { unsaid: true, ..Class::default() });
            Err(why)
        };
        if !def.decorator_list.is_empty() {
            return refused(self, mark::CLASS_OF_ITS_OWN.into());
        }
        if def.keywords().iter().len() > 0 || def.bases().len() > 1 {
            return refused(self, mark::CLASS_OF_ITS_OWN.into());
        }
        match def.bases().first() {
            None => {}
            Some(base) if self.dotted(base).as_deref() == Some("object") => {}
            Some(base) if self.dotted(base).as_deref() == Some("threading.Thread") => {
                return self.thread_class(def).or_else(|why| refused(self, why));
            }
            Some(base) => {
                let before = self.out.len();
                return match self.error_name(base) {
                    Ok(error) => {
                        let only = def.body.iter().all(|stmt| match stmt {
                            Stmt::Pass(_) => true,
                            Stmt::Expr(only) => {
                                matches!(&*only.value, Expr::StringLiteral(_) | Expr::EllipsisLiteral(_))
                            }
                            _ => false,
                        });
                        self.out.truncate(before);
                        if !only {
                            return refused(self, mark::CLASS_OF_ITS_OWN.into());
                        }
                        let error = error.split(' ').next().map(String::from);
                        self.known.classes.insert(name, Class { error, ..Class::default() });
                        self.as_comment(def);
                        self.block(&def.body);
                        Ok(())
                    }
                    Err(_) => refused(self, mark::CLASS_OF_ITS_OWN.into()),
                };
            }
        }
        if self.scan.calls.get(&name).is_some_and(|calls| *calls > 1) {
            return refused(self, mark::MANY_OBJECTS.into());
        }
        let mut class = Class::default();
        for stmt in &def.body {
            if let Stmt::FunctionDef(method) = stmt {
                let method = method.name.id.to_string();
                let python = attribute_name(&name, if method == "__init__" { "init" } else { &method });
                class.methods.insert(method, python);
            }
        }
        self.known.classes.insert(name.clone(), class.clone());
        let text = self.text_of(&def.name);
        self.push(format!("# class {text}"));
        self.share_attributes(&name, def)?;
        for stmt in &def.body {
            self.comments_before(self.line_at(stmt));
            self.from = self.line_at(stmt);
            match stmt {
                Stmt::FunctionDef(method) => self.say_method(&name, &class, method, stmt),
                Stmt::Assign(_) | Stmt::AnnAssign(_) | Stmt::Pass(_) => self.as_comment(stmt),
                Stmt::Expr(only)
                    if matches!(&*only.value, Expr::StringLiteral(_) | Expr::EllipsisLiteral(_)) =>
                {
                    self.statements(std::slice::from_ref(stmt));
                }
                other => self.unsaid(other, mark::CLASS_OF_ITS_OWN.into()),
            }
        }
        Ok(())
    }

    fn say_method(&mut self, class: &str, own: &Class, method: &StmtFunctionDef, stmt: &Stmt) {
        let name = method.name.id.as_str();
        let (start, indent) = (self.out.len(), self.indent);
        let statics = method
            .decorator_list
            .iter()
            .all(|d| matches!(&d.expression, Expr::Name(name) if name.id == "staticmethod"));
        let is_static = !method.decorator_list.is_empty() && statics;
        let dunder = name.starts_with("__") && name != "__init__";
        let said = if method.is_async || !(method.decorator_list.is_empty() || is_static) || dunder {
            Err(mark::no_line_for(&self.text_of(&method.name)))
        } else {
            let python = own.methods.get(name).cloned().unwrap_or_default();
            let this = method.parameters.posonlyargs.iter().chain(&method.parameters.args).next();
            let this = this.filter(|_| !is_static).map(|first| first.name().id.to_string());
            let outer = self.object.take();
            self.object = this.map(|this| (class.to_string(), this));
            let scanned = format!("{class}.{name}");
            let said = self.define(&python, &scanned, &method.parameters, &[&method.body], !is_static);
            self.object = outer;
            said
        };
        if let Err(why) = said {
            self.out.truncate(start);
            self.indent = indent;
            self.function.clear();
            self.unsaid(stmt, why);
        }
    }

    /// `share NAME = …` for each attribute of a class's object, before the `def`s that use it.
    fn share_attributes(&mut self, class: &str, def: &StmtClassDef) -> Said<()> {
        let mut found = Attributes::default();
        for stmt in &def.body {
            match stmt {
                Stmt::FunctionDef(method) => {
                    found.this = method
                        .parameters
                        .args
                        .first()
                        .map_or(String::new(), |first| first.name().id.to_string());
                    found.visit_body(&method.body);
                }
                Stmt::Assign(assign) => {
                    if let [Expr::Name(name)] = &assign.targets[..] {
                        let python = attribute_name(class, &name.id);
                        let value = self.value(&assign.value)?;
                        let own = self.known.sock_name(&python);
                        self.note_kind(&python, value.kind.clone());
                        let line = self.giving(&own, &value)?;
                        self.known.shared.insert(python);
                        self.push(format!("share {}", line.strip_prefix("let ").unwrap_or(&line)));
                    }
                }
                _ => {}
            }
        }
        for name in found.names {
            let python = attribute_name(class, &name);
            if self.known.shared.contains(&python) {
                continue;
            }
            let own = self.known.sock_name(&python);
            let made =
                found.made.iter().find(|(attribute, _)| *attribute == name).map(|(_, class)| class.as_str());
            match made {
                Some("Thread" | "Timer") => {}
                Some("Lock" | "Event" | "Queue" | "SimpleQueue") => {
                    self.push(format!("share {own}_in = \"\""));
                    self.push(format!("share {own}_out = \"\""));
                }
                _ => self.push(format!("share {own} = \"\"")),
            }
            self.known.shared.insert(python);
        }
        Ok(())
    }

    /// A subclass of Thread: one `def` of what its object keeps and what `run` does.
    fn thread_class(&mut self, def: &StmtClassDef) -> Said<()> {
        let name = def.name.id.to_string();
        let (mut init, mut run) = (None, None);
        for stmt in &def.body {
            match stmt {
                Stmt::FunctionDef(method) if &*method.name.id == "__init__" && init.is_none() => {
                    init = Some(method);
                }
                Stmt::FunctionDef(method) if &*method.name.id == "run" && run.is_none() => run = Some(method),
                Stmt::Expr(only) if only.value.is_string_literal_expr() => {}
                _ => return Err(mark::CLASS_OF_ITS_OWN.into()),
            }
        }
        let run = run.ok_or(mark::CLASS_OF_ITS_OWN)?;
        let python = attribute_name(&name, "run");
        let this = run.parameters.args.first().map_or(String::new(), |first| first.name().id.to_string());
        let mut found = Attributes { this: this.clone(), ..Attributes::default() };
        init.iter().for_each(|init| found.visit_body(&init.body));
        found.visit_body(&run.body);
        let mut locals: BTreeSet<String> = found.names.iter().map(|own| attribute_name(&name, own)).collect();
        for scanned in [format!("{name}.__init__"), format!("{name}.run")] {
            locals.extend(self.scan.locals.get(&scanned).cloned().unwrap_or_default());
        }
        self.scan.locals.insert(python.clone(), locals);
        let class = Class { thread: Some(python.clone()), ..Class::default() };
        self.known.classes.insert(name.clone(), class);
        let first: Vec<Stmt> = init.iter().flat_map(|init| init.body.iter()).cloned().collect();
        let parameters = init.map_or(&run.parameters, |init| &init.parameters);
        let outer = self.object.replace((name, this));
        self.as_comment(def);
        for method in init.iter().copied().chain([run]) {
            self.from = self.line_at(method);
            self.as_comment(method);
        }
        let said = self.define(&python, &python, parameters, &[&first, &run.body], true);
        self.object = outer;
        said
    }

    /// `Class(…)`
    pub fn made(&mut self, name: &str, call: &ExprCall) -> Said<Operand> {
        let Some(class) = self.known.classes.get(name).cloned() else { return Err(mark::no_line_for(name)) };
        if class.unsaid {
            return Err(mark::CLASS_OF_ITS_OWN.into());
        }
        if let Some(run) = &class.thread {
            let (Form::Act(line) | Form::Call(line)) = self.own_call(run, call)?.form else {
                return Err(mark::NO_RESULT.into());
            };
            let thread =
                Thread { job: String::new(), line, daemon: false, place: Some(self.function.clone()) };
            return Ok(Operand::new(Form::Act(String::new()), Kind::Thread(thread)));
        }
        if class.error.is_some() {
            return Err(mark::no_line_for(&format!("{name}()")));
        }
        if class.made > 0 {
            return Err(mark::MANY_OBJECTS.into());
        }
        if let Some(class) = self.known.classes.get_mut(name) {
            class.made += 1;
        }
        if let Some(init) = class.methods.get("__init__") {
            let made = self.own_call(init, call)?;
            self.alone(made)?;
        }
        Ok(Operand::new(Form::Act(String::new()), Kind::Object(name.to_string())))
    }

    /// `threading.NAME(…)`, `queue.NAME(…)`
    pub fn thread_call(&mut self, name: &str, call: &ExprCall) -> Said<Option<Operand>> {
        let made = |kind| Ok(Some(Operand::new(Form::Act(String::new()), kind)));
        match name {
            "RLock" => Err(mark::REENTRANT.into()),
            "Lock" | "Event" | "SimpleQueue" => {
                self.only(call, 0, &[])?;
                made(match name {
                    "Lock" => Kind::Lock,
                    "Event" => Kind::Event,
                    _ => Kind::Queue,
                })
            }
            "Queue" => {
                let most =
                    self.only(call, 1, &["maxsize"])?.first().or_else(|| self.keyword(call, "maxsize"));
                match most.map(|most| self.text_of(most)).filter(|most| most != "0") {
                    Some(_) => Err(mark::no_line_for(&self.text_of(call))),
                    None => made(Kind::Queue),
                }
            }
            "Thread" | "Timer" => {
                let mut delay = None;
                let (target, arguments) = if name == "Timer" {
                    let arguments = self.only(call, 3, &["args"])?;
                    let [wait, target, rest @ ..] = arguments else { return Ok(None) };
                    let wait = self.value(wait)?;
                    delay = Some(self.seconds(&wait)?);
                    (Some(target), rest.first().or_else(|| self.keyword(call, "args")))
                } else {
                    self.only(call, 0, &["target", "args", "daemon", "name"])?;
                    (self.keyword(call, "target"), self.keyword(call, "args"))
                };
                let target = target.ok_or_else(|| mark::no_line_for(&self.text_of(call)))?;
                let arguments: Vec<Expr> = match arguments {
                    None => Vec::new(),
                    Some(Expr::Tuple(tuple)) => tuple.elts.clone(),
                    Some(Expr::List(list)) => list.elts.clone(),
                    Some(other) => return Err(mark::no_line_for(&self.text_of(other))),
                };
                let daemon = match self.keyword(call, "daemon") {
                    None => false,
                    Some(Expr::BooleanLiteral(flag)) => flag.value,
                    Some(other) => return Err(mark::no_line_for(&self.text_of(other))),
                };
                let mut inner = call.clone();
                *inner.func = target.clone();
                inner.arguments.args = arguments.into_boxed_slice();
                inner.arguments.keywords.clear();
                let (Form::Act(mut line) | Form::Call(mut line)) = self.call(&inner)?.form else {
                    return Err(mark::no_line_for(&self.text_of(target)));
                };
                if let Some(delay) = delay {
                    line = format!("sleep {delay}\n{line}");
                }
                let thread = Thread { job: String::new(), line, daemon, place: Some(self.function.clone()) };
                made(Kind::Thread(thread))
            }
            _ => Ok(None),
        }
    }

    /// `thread.start()`, `thread.join()`
    pub fn thread_method(&mut self, thread: &Thread, name: &str, call: &ExprCall) -> Said<Option<Operand>> {
        match name {
            "start" => {
                let job = if thread.job.is_empty() { self.temporary() } else { thread.job.clone() };
                self.changed(mark::THREAD_ERROR);
                self.push(format!("spawn {job}{}", if thread.daemon { " --daemon" } else { "" }));
                self.indent += 1;
                thread.line.lines().for_each(|line| self.push(line));
                self.indent -= 1;
                self.push("end");
                Ok(Some(Operand::act("")))
            }
            "join" => {
                let elsewhere = thread.place.as_ref().is_some_and(|place| *place != self.function);
                let wait = if elsewhere || thread.job.is_empty() {
                    self.changed(mark::ALL_THREADS);
                    "wait".to_string()
                } else {
                    format!("wait {}", thread.job)
                };
                let limit =
                    self.only(call, 1, &["timeout"])?.first().or_else(|| self.keyword(call, "timeout"));
                let Some(limit) = limit.filter(|limit| !limit.is_none_literal_expr()) else {
                    return Ok(Some(Operand::act(wait)));
                };
                let limit = self.value(limit)?;
                let limit = self.seconds(&limit)?;
                self.push("try");
                self.push(format!("    {wait} --timeout {limit}"));
                self.push("except TimeoutError");
                self.push("end");
                Ok(Some(Operand::act("")))
            }
            "is_alive" => Err(mark::no_line_for("is_alive()")),
            _ => Ok(None),
        }
    }
}

/// The attributes that methods give the object, and the class of those that are made at once.
#[derive(Default)]
struct Attributes {
    this: String,
    names: BTreeSet<String>,
    made: Vec<(String, String)>,
}

impl<'a> Visitor<'a> for Attributes {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        if let Stmt::Assign(assign) = stmt
            && let [Expr::Attribute(attribute)] = &assign.targets[..]
            && matches!(&*attribute.value, Expr::Name(name) if *name.id == *self.this)
            && let Expr::Call(call) = &*assign.value
        {
            let class = match &*call.func {
                Expr::Name(name) => name.id.to_string(),
                Expr::Attribute(class) => class.attr.id.to_string(),
                _ => String::new(),
            };
            self.made.push((attribute.attr.id.to_string(), class));
        }
        visitor::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        if let Expr::Attribute(attribute) = expr
            && attribute.ctx == ExprContext::Store
            && matches!(&*attribute.value, Expr::Name(name) if *name.id == *self.this)
        {
            self.names.insert(attribute.attr.id.to_string());
        }
        visitor::walk_expr(self, expr);
    }
}

/// Whether the end of a block is never reached: it returns, raises, or goes on without end.
fn leaves(body: &[Stmt]) -> bool {
    match body.last() {
        Some(Stmt::Return(_) | Stmt::Raise(_)) => true,
        Some(Stmt::While(stmt)) => {
            matches!(&*stmt.test, Expr::BooleanLiteral(flag) if flag.value) && !breaks(&stmt.body)
        }
        Some(Stmt::If(stmt)) => {
            let last = stmt.elif_else_clauses.last();
            last.is_some_and(|clause| clause.test.is_none())
                && leaves(&stmt.body)
                && stmt.elif_else_clauses.iter().all(|clause| leaves(&clause.body))
        }
        Some(Stmt::With(stmt)) => leaves(&stmt.body),
        Some(Stmt::Try(stmt)) => {
            let handled = stmt.handlers.iter().all(|handler| {
                let ruff_python_ast::ExceptHandler::ExceptHandler(own) = handler;
                leaves(&own.body)
            });
            leaves(&stmt.finalbody) || handled && (leaves(&stmt.body) || leaves(&stmt.orelse))
        }
        _ => false,
    }
}

/// Whether a `break` stands in a block, in no loop of its own.
fn breaks(body: &[Stmt]) -> bool {
    body.iter().any(|stmt| match stmt {
        Stmt::Break(_) => true,
        Stmt::If(stmt) => {
            breaks(&stmt.body) || stmt.elif_else_clauses.iter().any(|clause| breaks(&clause.body))
        }
        Stmt::With(stmt) => breaks(&stmt.body),
        Stmt::Try(stmt) => {
            let handlers = stmt.handlers.iter().any(|handler| {
                let ruff_python_ast::ExceptHandler::ExceptHandler(own) = handler;
                breaks(&own.body)
            });
            handlers || breaks(&stmt.body) || breaks(&stmt.orelse) || breaks(&stmt.finalbody)
        }
        _ => false,
    })
}

/// The kind that an annotation tells.
fn annotated(annotation: &Expr) -> Option<Kind> {
    let name = match annotation {
        Expr::Name(name) => name.id.as_str(),
        Expr::Attribute(attribute) => attribute.attr.id.as_str(),
        Expr::Subscript(at) => match &*at.value {
            Expr::Name(name) => name.id.as_str(),
            _ => return None,
        },
        _ => return None,
    };
    Some(match name {
        "int" => Kind::Int,
        "str" => Kind::Text,
        "bytes" | "bytearray" => Kind::Bytes(None),
        "bool" => Kind::Bool,
        "float" => Kind::Float,
        "socket" => Kind::Socket,
        "list" | "List" => Kind::list(Kind::Unknown),
        "dict" | "Dict" => Kind::map(Kind::Unknown, Kind::Unknown),
        _ => return None,
    })
}

fn literal_kind(expr: &Expr) -> Option<Kind> {
    Some(match expr {
        Expr::NumberLiteral(number) if matches!(number.value, ruff_python_ast::Number::Int(_)) => Kind::Int,
        Expr::StringLiteral(_) => Kind::Text,
        Expr::BytesLiteral(_) => Kind::Bytes(None),
        Expr::BooleanLiteral(_) => Kind::Bool,
        _ => return None,
    })
}
