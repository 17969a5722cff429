//! What is known of names: which the text uses, what they stand for in sockbook, and of which kind their values are.

use std::collections::{BTreeSet, HashMap, HashSet};

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{Comprehension, Expr, ExprContext, ExprList, ExprTuple, Parameters, Stmt};

use super::operand::Kind;
use crate::command;
use crate::text::{forms, parse};

/// A function of the text: a `def` in sockbook.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Function {
    /// The name of the `def`.
    pub name: String,
    /// Its parameters, each with the word of its default.
    pub parameters: Vec<(String, Option<String>)>,
    /// It takes what is left as a list.
    pub rest: bool,
    /// The kinds of the values that it was called with.
    pub arguments: Vec<Kind>,
    /// The kind of what it returns; none where no `return` has a value.
    pub result: Option<Kind>,
    /// The kind of what it has returned so far, while it is read.
    pub returned: Option<Kind>,
}

/// A class whose only object is flattened into names and `def`s.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Class {
    /// Its methods, each with the Python name of the function that it became.
    pub methods: HashMap<String, String>,
    /// A subclass of Thread: an object is a thread that runs this function.
    pub thread: Option<String>,
    /// How many objects were made.
    pub made: usize,
    /// An error of one's own: the class below which it stands.
    pub error: Option<String>,
    /// Why it is not flattened.
    pub unsaid: bool,
}

/// A name, with the function that it belongs to; `""` for the script.
pub type Key = (String, String);

/// What holds for the cells that follow.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Python's name of a module, or of what was imported from one, and its full name: `sock` is `socket.socket`.
    pub imports: HashMap<String, String>,
    pub functions: HashMap<String, Function>,
    pub classes: HashMap<String, Class>,
    /// By the function (`""` for none) and the name: the kind of the last value.
    pub kinds: HashMap<Key, Kind>,
    /// The sockbook name of each Python name.
    pub renamed: HashMap<String, String>,
    /// Sockbook names that are taken.
    pub taken: HashSet<String>,
    /// Every name of Python's that was seen.
    pub seen: HashSet<String>,
    /// Names that `share` has declared, by their Python names.
    pub shared: HashSet<String>,
    /// Names that have a value, at the script's own level.
    pub given: HashSet<String>,
    /// Names whose sockets are closed by the text, or handed on to what may close them; by function and name: within so
    /// many loops.
    pub closed: HashMap<Key, usize>,
    /// Names whose sockets are open at the line that is read.
    pub open: HashSet<Key>,
    /// The text of names that are given one once and for all, by their sockbook names.
    pub constants: HashMap<String, Vec<u8>>,
    /// `def`s that give a list or a map that others have too.
    pub sharing_defs: HashSet<String>,
    /// `def`s that may give None as well as a value.
    pub none_defs: HashSet<String>,
    /// Names of files that are read: in which block each was opened, and whether nothing is left of it.
    pub files: HashMap<String, (usize, bool)>,
    /// The kinds that names had at the end of each loop, by the place of the loop, when the text was read before.
    pub loop_ends: HashMap<usize, Vec<(Key, Kind)>>,
    /// The names of the `def`s.
    pub defs: HashSet<String>,
    /// The Python name of each sockbook name.
    pub python: HashMap<String, String>,
    /// The kinds of all values but None that a name is given in this text, and was given when it was read before.
    pub values: HashMap<Key, Kind>,
    pub values_before: HashMap<Key, Kind>,
    /// Names that are given None somewhere.
    pub nones: HashSet<Key>,
    /// Names that hold a `bytearray`, which Python shows as such.
    pub buffers: HashSet<String>,
    /// So many names were made for what stands between.
    pub temporaries: usize,
}

impl Known {
    /// The sockbook name of a name.
    pub fn sock_name(&mut self, python: &str) -> String {
        if let Some(name) = self.renamed.get(python) {
            return name.clone();
        }
        // The attribute of a class's object: `Server.port` is `server_port`.
        let lower = python.split_once('.').map(|(class, rest)| format!("{}.{rest}", class.to_lowercase()));
        let letters = lower.as_deref().unwrap_or(python).chars();
        let mut name: String = letters.map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
        if !name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
            name.insert(0, 'n');
        }
        while !parse::is_free_name(&name)
            || matches!(&*name, "true" | "false" | "not" | "_" | "tmpdir" | "here")
        {
            name.push('_');
        }
        let mut number = 0;
        let begin = name.len();
        while self.taken.contains(&name) || name != python && self.seen.contains(&name) {
            name.push('_');
            // Letters beyond ASCII are all alike here: the names of a text may be many and the same.
            if name.len() > begin + 4 {
                number += 1;
                let names = self.python.len() + number;
                name = format!("{}{names}", &name[..begin]);
            }
        }
        self.taken.insert(name.clone());
        self.renamed.insert(python.to_string(), name.clone());
        self.python.insert(name.clone(), python.to_string());
        name
    }

    /// The name of the `def` of a function: no command's.
    pub fn def_name(&mut self, python: &str) -> String {
        let name = self.def_name_of(python);
        self.defs.insert(name.clone());
        name
    }

    fn def_name_of(&mut self, python: &str) -> String {
        let key = format!("def {python}");
        if !self.renamed.contains_key(&key) {
            let taken = command::find(python).is_some() || forms::find(python).is_some();
            if taken {
                let mut name = format!("{python}_");
                while self.taken.contains(&name)
                    || self.seen.contains(&name)
                    || command::find(&name).is_some()
                {
                    name.push('_');
                }
                self.taken.insert(name.clone());
                self.renamed.insert(key.clone(), name);
            } else {
                let name = self.sock_name(python);
                self.renamed.insert(key.clone(), name);
            }
        }
        self.renamed.get(&key).cloned().unwrap_or_default()
    }

    /// A name for what stands between, which no other has.
    pub fn temporary(&mut self) -> String {
        loop {
            self.temporaries += 1;
            let name = format!("_v{}", self.temporaries);
            if !self.seen.contains(&name) && self.taken.insert(name.clone()) {
                return name;
            }
        }
    }

    /// The kind of a name that is given a value of this kind: None is one of its values, beside those of another kind.
    pub fn noted(&mut self, key: Key, kind: Kind) -> Kind {
        if kind == Kind::None {
            let other = self.values.get(&key).or_else(|| self.values_before.get(&key));
            let other = other.cloned().unwrap_or(Kind::None);
            self.nones.insert(key);
            return other;
        }
        let before = self.values.get(&key).cloned().unwrap_or(Kind::None);
        self.values.insert(key, before.merge(kind.clone()));
        kind
    }

    pub fn kind(&self, function: &str, name: &str) -> Option<&Kind> {
        self.kinds.get(&(function.to_string(), name.to_string()))
    }

    pub fn set_kind(&mut self, function: &str, name: &str, kind: Kind) {
        self.kinds.insert((function.to_string(), name.to_string()), kind);
    }
}

/// The names in a text, before it is read.
#[derive(Debug, Default)]
pub struct Scan {
    /// Every identifier.
    pub all: BTreeSet<String>,
    /// Names of the script's level that functions change or that change while a function may read them.
    pub shared: BTreeSet<String>,
    /// The names that each function keeps to itself.
    pub locals: HashMap<String, BTreeSet<String>>,
    /// Names that are read somewhere, so many times.
    pub reads: HashMap<String, usize>,
    /// So many times is each class called.
    pub calls: HashMap<String, usize>,
    /// What is changed in place: names, and attributes with a dot before them.
    pub mutated: BTreeSet<String>,
    /// What `+=` changes, in place if it is a list.
    pub augmented: BTreeSet<String>,
    /// How often each name is given a value.
    pub stores: HashMap<String, usize>,
    /// How often of these by a comprehension, whose names are its own.
    pub comprehended: HashMap<String, usize>,
    /// How often a name of the script's level is given a value there.
    pub outer: HashMap<String, usize>,
    /// Names read in functions that are not their own.
    inner_reads: BTreeSet<String>,
    /// Names changed in functions (by `global` or a method that changes).
    inner_changes: BTreeSet<String>,
    globals: BTreeSet<String>,
    within: Vec<BTreeSet<String>>,
    threads: bool,
}

/// Methods that change what they are called on.
const CHANGING: &[&str] =
    &["append", "extend", "remove", "pop", "insert", "clear", "update", "add", "discard", "setdefault"];

impl Scan {
    pub fn of(body: &[Stmt]) -> Scan {
        let mut scan = Scan::default();
        scan.visit_body(body);
        let changed_while_read = scan
            .inner_reads
            .iter()
            .filter(|name| scan.threads && scan.outer.get(*name).is_some_and(|times| *times > 1));
        let changed = scan.inner_changes.iter().filter(|name| scan.outer.contains_key(*name));
        scan.shared = changed_while_read.chain(changed).chain(&scan.globals).cloned().collect();
        scan
    }

    fn bind(&mut self, name: &str) {
        self.all.insert(name.to_string());
        *self.stores.entry(name.to_string()).or_default() += 1;
        if self.within.is_empty() {
            *self.outer.entry(name.to_string()).or_default() += 1;
        }
    }

    fn is_local(&self, name: &str) -> bool {
        self.within.iter().any(|locals| locals.contains(name))
    }

    fn change(&mut self, name: &str) {
        if !self.within.is_empty() && !self.is_local(name) {
            self.inner_changes.insert(name.to_string());
        } else if self.within.is_empty() {
            *self.outer.entry(name.to_string()).or_default() += 1;
        }
    }

    /// `x[k] = …`, `del x[k]`
    fn change_item(&mut self, target: &Expr) {
        if let Expr::Subscript(at) = target {
            self.mutated.extend(place(&at.value));
            if let Some(name) = root(&at.value) {
                self.change(name);
            }
        }
    }

    fn function(&mut self, name: &str, parameters: &Parameters, body: &[Stmt]) {
        let mut own = Bound::default();
        own.visit_body(body);
        let mut locals = own.names;
        locals.extend(parameters.iter().map(|p| p.name().id.to_string()));
        for global in &own.globals {
            locals.remove(global);
            self.globals.insert(global.clone());
        }
        self.locals.entry(name.to_string()).or_default().extend(locals.clone());
        self.all.extend(locals.iter().cloned());
        for parameter in parameters.iter() {
            *self.stores.entry(parameter.name().id.to_string()).or_default() += 1;
        }
        self.within.push(locals);
        self.visit_body(body);
        self.within.pop();
    }
}

impl<'a> Visitor<'a> for Scan {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::FunctionDef(def) => {
                self.bind(&def.name.id);
                for parameter in def.parameters.iter_non_variadic_params() {
                    parameter.default.iter().for_each(|default| self.visit_expr(default));
                }
                self.function(&def.name.id, &def.parameters, &def.body);
                return;
            }
            Stmt::ClassDef(def) => {
                self.bind(&def.name.id);
                for stmt in &def.body {
                    match stmt {
                        Stmt::FunctionDef(method) => {
                            self.all.insert(method.name.id.to_string());
                            let name = format!("{}.{}", def.name.id, method.name.id);
                            self.function(&name, &method.parameters, &method.body);
                        }
                        other => self.visit_stmt(other),
                    }
                }
                return;
            }
            Stmt::AugAssign(assign) => {
                self.augmented.extend(place(&assign.target));
                if let Some(name) = root(&assign.target) {
                    self.change(name);
                    *self.reads.entry(name.to_string()).or_default() += 1;
                }
            }
            Stmt::Assign(assign) => {
                for target in &assign.targets {
                    self.change_item(target);
                }
            }
            Stmt::Delete(delete) => delete.targets.iter().for_each(|target| self.change_item(target)),
            Stmt::Import(import) => {
                self.threads |= import.names.iter().any(|alias| &*alias.name.id == "threading");
            }
            Stmt::ImportFrom(import) => {
                self.threads |= import.module.as_ref().is_some_and(|module| &*module.id == "threading");
            }
            _ => {}
        }
        visitor::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Name(name) => match name.ctx {
                ExprContext::Store => self.bind(&name.id),
                _ => {
                    self.all.insert(name.id.to_string());
                    *self.reads.entry(name.id.to_string()).or_default() += 1;
                    if !self.within.is_empty() && !self.is_local(&name.id) {
                        self.inner_reads.insert(name.id.to_string());
                    }
                }
            },
            Expr::Call(call) => match &*call.func {
                Expr::Attribute(method) if CHANGING.contains(&&*method.attr.id) => {
                    self.mutated.extend(place(&method.value));
                    if let Some(name) = root(&method.value) {
                        self.change(name);
                    }
                }
                Expr::Name(name) => *self.calls.entry(name.id.to_string()).or_default() += 1,
                _ => {}
            },
            Expr::Attribute(attribute) => {
                self.all.insert(attribute.attr.id.to_string());
            }
            _ => {}
        }
        visitor::walk_expr(self, expr);
    }

    fn visit_comprehension(&mut self, made: &'a Comprehension) {
        for name in targets(&made.target) {
            *self.comprehended.entry(name.to_string()).or_default() += 1;
        }
        visitor::walk_comprehension(self, made);
    }

    fn visit_except_handler(&mut self, handler: &'a ruff_python_ast::ExceptHandler) {
        let ruff_python_ast::ExceptHandler::ExceptHandler(own) = handler;
        if let Some(name) = &own.name {
            self.bind(&name.id);
        }
        visitor::walk_except_handler(self, handler);
    }
}

/// The name that `name`, `name[0]`, `name[0][1]` begin with.
fn root(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Name(name) => Some(&name.id),
        Expr::Subscript(at) => root(&at.value),
        _ => None,
    }
}

/// The names that a target gives a value.
pub fn targets(target: &Expr) -> Vec<&str> {
    match target {
        Expr::Name(name) => vec![&name.id],
        Expr::Tuple(ExprTuple { elts, .. }) | Expr::List(ExprList { elts, .. }) => {
            elts.iter().flat_map(targets).collect()
        }
        Expr::Starred(star) => targets(&star.value),
        _ => Vec::new(),
    }
}

/// What `name[0]`, `self.name[0]` begin with: a name, or an attribute with a dot before it.
pub fn place(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Name(name) => Some(name.id.to_string()),
        Expr::Attribute(attribute) => Some(format!(".{}", attribute.attr.id)),
        Expr::Subscript(at) => place(&at.value),
        _ => None,
    }
}

/// The names that statements give a value, but those inside functions and classes.
#[derive(Debug, Default)]
pub struct Bound {
    pub names: BTreeSet<String>,
    /// Those that `global` names, also in functions.
    pub globals: BTreeSet<String>,
}

impl<'a> Visitor<'a> for Bound {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::FunctionDef(def) => {
                self.names.insert(def.name.id.to_string());
                let mut inner = Bound::default();
                inner.visit_body(&def.body);
                self.globals.extend(inner.globals);
                return;
            }
            Stmt::ClassDef(def) => {
                self.names.insert(def.name.id.to_string());
                for stmt in &def.body {
                    let mut inner = Bound::default();
                    inner.visit_stmt(stmt);
                    self.globals.extend(inner.globals);
                }
                return;
            }
            Stmt::Global(global) => {
                self.globals.extend(global.names.iter().map(|name| name.id.to_string()));
            }
            _ => {}
        }
        visitor::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        if let Expr::Name(name) = expr
            && name.ctx == ExprContext::Store
        {
            self.names.insert(name.id.to_string());
        }
        visitor::walk_expr(self, expr);
    }

    fn visit_except_handler(&mut self, handler: &'a ruff_python_ast::ExceptHandler) {
        let ruff_python_ast::ExceptHandler::ExceptHandler(own) = handler;
        if let Some(name) = &own.name {
            self.names.insert(name.id.to_string());
        }
        visitor::walk_except_handler(self, handler);
    }
}
