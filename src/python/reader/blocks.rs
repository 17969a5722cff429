//! Statements with a body: `if`, `while`, `for`, `with`, `try`.

use ruff_python_ast::{
    ElifElseClause, ExceptHandler, Expr, ExprList, ExprTuple, Stmt, StmtFor, StmtIf, StmtTry, StmtWhile,
    WithItem,
};

use super::Line;
use super::mark::{self, Mark, MarkKind};
use super::names::{Scan, place};
use super::operand::{Form, Kind, Operand, Piece, dollar, quoted};
use super::pass::{Join, Loop, Pass, Said, comment};

impl Pass<'_> {
    pub fn say_if(&mut self, stmt: &StmtIf) -> Said<()> {
        if is_main(&stmt.test) && stmt.elif_else_clauses.is_empty() {
            self.as_comment(stmt);
            self.statements(&stmt.body);
            return Ok(());
        }
        let test = self.condition(&stmt.test)?;
        self.if_chain(test.text, &stmt.body, &stmt.elif_else_clauses)
    }

    fn if_chain(&mut self, test: String, body: &[Stmt], clauses: &[ElifElseClause]) -> Said<()> {
        let mut join = Join::default();
        self.push(format!("if {test}"));
        self.branch(&mut join, body, |pass| pass.block(body));
        let mut one_has_run = false;
        for (at, clause) in clauses.iter().enumerate() {
            self.from = self.line_at(clause);
            let Some(test) = &clause.test else {
                self.push("else");
                self.branch(&mut join, &clause.body, |pass| pass.block(&clause.body));
                one_has_run = true;
                continue;
            };
            let start = self.out.len();
            let test = self.condition(test)?;
            let before = self.take(start);
            if before.is_empty() {
                self.push(format!("else if {}", test.text));
                self.branch(&mut join, &clause.body, |pass| pass.block(&clause.body));
                continue;
            }
            // What must run before this condition runs only where the ones above did not hold.
            self.push("else");
            self.indent += 1;
            self.give(before);
            self.deeper(|pass| pass.if_chain(test.text, &clause.body, &clauses[at + 1..]))?;
            self.indent -= 1;
            break;
        }
        self.push("end");
        self.join(join, one_has_run);
        Ok(())
    }

    pub fn say_while(&mut self, stmt: &StmtWhile) -> Said<()> {
        self.enter_loop(stmt);
        let flag = self.else_flag(&stmt.orelse);
        let start = self.out.len();
        let test = self.condition(&stmt.test)?;
        let before = self.take(start);
        if before.is_empty() {
            self.push(format!("while {}", test.text));
            self.indent += 1;
        } else {
            self.push("while true");
            self.indent += 1;
            self.give(before);
            self.push(format!("if {}", test.negated().text));
            self.push("    break");
            self.push("end");
        }
        let mut join = Join::default();
        self.branch(&mut join, &stmt.body, |pass| pass.loop_body(&stmt.body, flag.as_deref(), 1));
        self.leave_loop(stmt, &stmt.body, join);
        self.loop_else(flag, &stmt.orelse);
        Ok(())
    }

    pub fn say_for(&mut self, stmt: &StmtFor) -> Said<()> {
        if stmt.is_async {
            return Err(mark::no_line_for("async for"));
        }
        if let Some(done) = self.threads_loop(stmt)? {
            return Ok(done);
        }
        let over = match &*stmt.iter {
            Expr::Call(call) if matches!(self.dotted(&call.func).as_deref(), Some("enumerate" | "zip")) => {
                &*call.arguments.args
            }
            other => std::slice::from_ref(other),
        };
        let places: Vec<String> = over.iter().filter_map(place).collect();
        if !places.is_empty() {
            let changes = Scan::of(&stmt.body);
            if places.iter().any(|place| changes.mutated.contains(place)) {
                self.changed(mark::GOES_OVER_A_COPY);
            }
        }
        self.enter_loop(stmt);
        let flag = self.else_flag(&stmt.orelse);
        let ends = self.for_head(&stmt.target, &stmt.iter)?;
        let mut join = Join::default();
        self.branch(&mut join, &stmt.body, |pass| pass.loop_body(&stmt.body, flag.as_deref(), ends));
        self.leave_loop(stmt, &stmt.body, join);
        self.loop_else(flag, &stmt.orelse);
        Ok(())
    }

    /// A name that says whether `break` has ended a loop, where it has an `else`.
    fn else_flag(&mut self, orelse: &[Stmt]) -> Option<String> {
        if orelse.is_empty() {
            return None;
        }
        let flag = self.temporary();
        self.push(format!("let {flag} = 0"));
        Some(flag)
    }

    fn loop_body(&mut self, body: &[Stmt], flag: Option<&str>, ends: usize) {
        self.loops.push(Loop { flag: flag.map(String::from) });
        self.statements(body);
        self.loops.pop();
        for _ in 0..ends {
            self.indent -= 1;
            self.push("end");
        }
    }

    fn loop_else(&mut self, flag: Option<String>, orelse: &[Stmt]) {
        if let Some(flag) = flag {
            self.push(format!("if ${flag} == 0"));
            self.block(orelse);
            self.push("end");
        }
    }

    /// `for t in threads: t.join()`: all threads of that name at once.
    fn threads_loop(&mut self, stmt: &StmtFor) -> Said<Option<()>> {
        let Expr::Name(list) = &*stmt.iter else { return Ok(None) };
        let Some(Kind::List(item)) = self.kind_of(&list.id) else { return Ok(None) };
        let (Kind::Thread(thread), Expr::Name(target)) = (*item, &*stmt.target) else { return Ok(None) };
        let joins = matches!(&stmt.body[..], [Stmt::Expr(only)] if matches!(&*only.value, Expr::Call(call)
            if matches!(&*call.func, Expr::Attribute(method) if &*method.attr.id == "join"
                && matches!(&*method.value, Expr::Name(name) if name.id == target.id))));
        if !joins || !stmt.orelse.is_empty() {
            return Err(mark::no_line_for("for thread in […]"));
        }
        self.note_kind(&target.id, Kind::Thread(thread));
        self.as_comment(stmt);
        self.statements(&stmt.body);
        Ok(Some(()))
    }

    /// The first lines of a loop over `iter`; how many `end`s it needs. The body stands further in then.
    pub fn for_head(&mut self, target: &Expr, iter: &Expr) -> Said<usize> {
        self.deeper(|pass| pass.for_head_of(target, iter))
    }

    fn for_head_of(&mut self, target: &Expr, iter: &Expr) -> Said<usize> {
        if let Expr::Call(call) = iter
            && let Some(name) = self.dotted(&call.func)
        {
            match name.as_str() {
                "range" => return self.range_head(target, self.only(call, 3, &[])?),
                "enumerate" => {
                    let [list, start @ ..] = self.only(call, 2, &["start"])? else {
                        return Err(mark::no_line_for("enumerate()"));
                    };
                    let Expr::Tuple(pair) = target else { return Err(mark::no_line_for("enumerate()")) };
                    let [number, item] = &pair.elts[..] else { return Err(mark::no_line_for("enumerate()")) };
                    let start = match start.first().or_else(|| self.keyword(call, "start")) {
                        Some(start) => self.value(start)?,
                        None => Operand::int(0),
                    };
                    let counter = self.temporary();
                    self.give_name(&counter, &start)?;
                    let ends = self.for_head(item, list)?;
                    self.store(number, Operand::path(counter.clone(), Kind::Int))?;
                    self.push(format!("let {counter} = ${counter} + 1"));
                    return Ok(ends);
                }
                "zip" => return self.zip_head(target, self.only(call, 64, &[])?),
                "list" | "tuple" if call.arguments.args.len() == 1 => {
                    return self.for_head(target, &call.arguments.args[0]);
                }
                _ => {}
            }
        }
        if let Expr::Call(call) = iter
            && let Expr::Attribute(method) = &*call.func
            && call.arguments.is_empty()
            && let name @ ("items" | "values" | "keys") = method.attr.id.as_str()
        {
            let map = self.value(&method.value)?;
            let (key, kind) = (map.kind.key(), map.kind.item(None));
            let map = self.word(&map)?;
            return match (name, target) {
                ("items", Expr::Tuple(pair)) if pair.elts.len() == 2 => {
                    self.head(&[(&pair.elts[0], key), (&pair.elts[1], kind)], &map)
                }
                ("keys", target) => self.head(&[(target, key)], &map),
                ("values", target) => {
                    let key = self.temporary();
                    let (value, later) = self.loop_name(target, kind)?;
                    self.push(format!("for {key}, {value} in {map}"));
                    self.indent += 1;
                    self.stored(later)?;
                    Ok(1)
                }
                _ => Err(mark::no_line_for(".items()")),
            };
        }
        if let Expr::List(ExprList { elts, .. }) | Expr::Tuple(ExprTuple { elts, .. }) = iter
            && !elts.is_empty()
        {
            let (made, kinds) = self.list_of(elts)?;
            let kind = kinds.into_iter().reduce(Kind::merge).unwrap_or(Kind::Unknown);
            if let Form::Call(words) = &made {
                let words = words.strip_prefix("list ").unwrap_or(words);
                return self.head(&[(target, kind)], words);
            }
            return self.for_list(target, Operand::new(made, Kind::list(kind)));
        }
        let value = self.value(iter)?;
        match &value.kind {
            // The lines of a file keep their ends.
            Kind::File { .. } => {
                let lines = self.as_list(value)?;
                let (lines, line) = (self.word(&lines)?, self.temporary());
                self.push(format!("for {line} in {lines}"));
                self.indent += 1;
                let whole = Form::Text(vec![Piece::Path(line), Piece::Bytes(b"\n".to_vec())]);
                self.store(target, Operand::new(whole, Kind::Text))?;
                Ok(1)
            }
            Kind::SocketFile { socket, text } => {
                let text = *text;
                let socket = socket.clone();
                self.push("while true");
                self.indent += 1;
                let line = self.socket_line(&socket, text);
                let line = self.named(line)?;
                let word = self.word(&line)?;
                self.push(format!("if {word} empty"));
                self.push("    break");
                self.push("end");
                self.store(target, line)?;
                Ok(1)
            }
            Kind::Map(..) => {
                let (map, key) = (self.word(&value)?, value.kind.key());
                self.head(&[(target, key)], &map)
            }
            _ => {
                let list = self.as_list(value)?;
                self.for_list(target, list)
            }
        }
    }

    /// A loop over the items of a list.
    fn for_list(&mut self, target: &Expr, list: Operand) -> Said<usize> {
        let item = list.kind.item(None);
        let list = self.word(&list)?;
        match target {
            Expr::Tuple(pair) if pair.elts.iter().all(Expr::is_name_expr) => {
                let targets: Vec<(&Expr, Kind)> =
                    pair.elts.iter().enumerate().map(|(at, e)| (e, item.item(Some(at)))).collect();
                self.head(&targets, &list)
            }
            _ => self.head(&[(target, item)], &list),
        }
    }

    /// `for a, b in WORDS`
    fn head(&mut self, targets: &[(&Expr, Kind)], words: &str) -> Said<usize> {
        let mut names = Vec::new();
        let mut later = Vec::new();
        for (target, kind) in targets {
            let (name, more) = self.loop_name(target, kind.clone())?;
            if names.contains(&name) {
                return Err(mark::no_line_for(&format!("for {name}, {name}")));
            }
            names.push(name);
            later.extend(more);
        }
        self.push(format!("for {} in {words}", names.join(", ")));
        self.indent += 1;
        for one in later {
            self.stored(Some(one))?;
        }
        Ok(1)
    }

    /// The name that a loop gives a value, and what is stored from it in the body.
    fn loop_name<'e>(&mut self, target: &'e Expr, kind: Kind) -> Said<(String, Option<(&'e Expr, Operand)>)> {
        match target {
            Expr::Name(name) if name.id == "_" => Ok((self.temporary(), None)),
            Expr::Name(name) => {
                let own = self.known.sock_name(&name.id);
                if kind.is_shared() && self.is_changed_in_place(&own, &kind) {
                    self.changed(mark::COPIED);
                }
                self.note_kind(&name.id, kind);
                Ok((own, None))
            }
            _ => {
                let name = self.temporary();
                Ok((name.clone(), Some((target, Operand::path(name, kind)))))
            }
        }
    }

    fn stored(&mut self, later: Option<(&Expr, Operand)>) -> Said<()> {
        match later {
            Some((target, value)) => self.store(target, value),
            None => Ok(()),
        }
    }

    fn range_head(&mut self, target: &Expr, arguments: &[Expr]) -> Said<usize> {
        let exprs: Vec<&Expr> = arguments.iter().collect();
        let operands = self.in_order(&exprs)?;
        let (start, stop, step) = match operands.as_slice() {
            [stop] => (Operand::int(0), stop.clone(), 1),
            [start, stop] => (start.clone(), stop.clone(), 1),
            [start, stop, step] => {
                let step = step
                    .number()
                    .filter(|step| *step != 0)
                    .ok_or_else(|| mark::no_line_for("range(a, b, n)"))?;
                (start.clone(), stop.clone(), step)
            }
            _ => return Err(mark::no_line_for("range()")),
        };
        let unused = matches!(target, Expr::Name(name) if name.id == "_" || !self.scan.reads.contains_key(name.id.as_str()));
        if unused && start.number() == Some(0) && step == 1 {
            let times = self.word(&stop)?;
            self.push(format!("repeat {times}"));
            self.indent += 1;
            return Ok(1);
        }
        if let (Some(from), Some(to)) = (start.number(), stop.number()) {
            let mut numbers = Vec::new();
            let mut n = from;
            while numbers.len() <= 12 && (step > 0 && n < to || step < 0 && n > to) {
                numbers.push(n.to_string());
                n = n.saturating_add(step);
            }
            if (1..=12).contains(&numbers.len()) {
                return self.head(&[(target, Kind::Int)], &numbers.join(" "));
            }
        }
        let stop = self.worked_out(stop)?;
        let counter = self.temporary();
        self.give_name(&counter, &start)?;
        self.push(format!("while ${counter} {} {stop}", if step > 0 { "<" } else { ">" }));
        self.indent += 1;
        self.store(target, Operand::path(counter.clone(), Kind::Int))?;
        self.push(match step {
            step if step < 0 => format!("let {counter} = ${counter} - {}", step.unsigned_abs()),
            step => format!("let {counter} = ${counter} + {step}"),
        });
        Ok(1)
    }

    /// A word that is worked out once, before a loop: a name stands there itself only if it never has another value.
    fn worked_out(&mut self, operand: Operand) -> Said<String> {
        let once = match &operand.form {
            Form::Path(path) => self.known.python.get(path).map_or(!path.contains('.'), |python| {
                self.scan.stores.get(python).is_none_or(|times| *times <= 1) && !python.contains('.')
            }),
            _ => false,
        };
        let operand = if once { operand } else { self.kept(operand)? };
        self.word(&operand)
    }

    fn zip_head(&mut self, target: &Expr, lists: &[Expr]) -> Said<usize> {
        let Expr::Tuple(targets) = target else { return Err(mark::no_line_for("zip()")) };
        let exprs: Vec<&Expr> = lists.iter().collect();
        let mut paths = Vec::new();
        for operand in self.in_order(&exprs)? {
            let list = self.as_list(operand)?;
            let kind = list.kind.item(None);
            paths.push((self.path(list)?, kind));
        }
        if paths.len() != targets.elts.len() || paths.is_empty() {
            return Err(mark::no_line_for("zip()"));
        }
        let counter = self.temporary();
        self.push(format!("let {counter} = 0"));
        let tests: Vec<String> =
            paths.iter().map(|(path, _)| format!("${counter} < ${{{path}.len}}")).collect();
        self.push(format!("while {}", tests.join(" and ")));
        self.indent += 1;
        for (target, (path, kind)) in targets.elts.iter().zip(paths) {
            let item = Operand::call(format!("get {} ${counter}", dollar(&path)), kind);
            self.store(target, item)?;
        }
        self.push(format!("let {counter} = ${counter} + 1"));
        Ok(1)
    }

    pub fn say_with(&mut self, items: &[WithItem], body: &[Stmt]) -> Said<()> {
        let Some((item, rest)) = items.split_first() else {
            self.statements(body);
            return Ok(());
        };
        if rest.is_empty() && self.written_whole(item, body)? {
            return Ok(());
        }
        let value = self.value(&item.context_expr)?;
        match value.kind.clone() {
            Kind::Socket => {
                let path = match (item.optional_vars.as_deref(), &value.form) {
                    (Some(target @ Expr::Name(name)), _) => {
                        self.close(&name.id);
                        self.store(target, value)?;
                        self.close(&name.id);
                        self.known.sock_name(&name.id)
                    }
                    (None, Form::Path(path)) => {
                        self.hand_on(&item.context_expr);
                        path.clone()
                    }
                    (None, _) => self.path(value)?,
                    _ => return Err(mark::no_line_for("with … as …")),
                };
                self.push("try");
                self.indent += 1;
                self.deeper(|pass| pass.say_with(rest, body))?;
                self.indent -= 1;
                self.push("finally");
                self.push(format!("    {path}.close"));
                self.push("end");
                Ok(())
            }
            Kind::File { .. } | Kind::SocketFile { .. } => {
                let start = self.out.len();
                if let Some(target) = &item.optional_vars {
                    self.store(target, value)?;
                }
                if self.out.len() == start {
                    self.push(format!("# with {}:", self.text_of(&item.context_expr)));
                }
                self.deeper(|pass| pass.say_with(rest, body))
            }
            Kind::Lock => {
                let path = self.path(value)?;
                self.push(format!("{path}_out.recv 1"));
                self.push("try");
                self.indent += 1;
                self.deeper(|pass| pass.say_with(rest, body))?;
                self.indent -= 1;
                self.push("finally");
                self.push(format!("    {path}_in.send \"1\""));
                self.push("end");
                Ok(())
            }
            _ => Err(mark::no_line_for(&format!("with {}", self.text_of(&item.context_expr)))),
        }
    }

    /// `with open(path, "w") as f: f.write(data)`: one line.
    fn written_whole(&mut self, item: &WithItem, body: &[Stmt]) -> Said<bool> {
        let (Expr::Call(open), Some(Expr::Name(file))) = (&item.context_expr, item.optional_vars.as_deref())
        else {
            return Ok(false);
        };
        let [Stmt::Expr(only)] = body else { return Ok(false) };
        let Expr::Call(write) = &*only.value else { return Ok(false) };
        let Expr::Attribute(method) = &*write.func else { return Ok(false) };
        let mode = matches!(open.arguments.args.get(1), Some(Expr::StringLiteral(mode)) if matches!(mode.value.to_str(), "w" | "wb"));
        let writes = &*method.attr.id == "write"
            && matches!(&*method.value, Expr::Name(name) if name.id == file.id)
            && self.dotted(&open.func).as_deref() == Some("open")
            && open.arguments.keywords.is_empty();
        let ([path, ..], [data]) = (&*open.arguments.args, &*write.arguments.args) else { return Ok(false) };
        if !mode || !writes {
            return Ok(false);
        }
        let operands = self.in_order(&[path, data])?;
        let path = self.word(&operands[0])?;
        let data = match &operands[1].form {
            Form::Word(word) => quoted(&[Piece::Bytes(word.clone().into_bytes())]),
            _ => self.word(&operands[1])?,
        };
        self.push(format!("# with {}:", self.text_of(item)));
        self.from = self.line_at(only);
        self.push(format!("writefile {path} {data}"));
        Ok(true)
    }

    pub fn say_try(&mut self, stmt: &StmtTry) -> Said<()> {
        if stmt.is_star {
            return Err(mark::no_line_for("except*"));
        }
        // Handlers that catch nothing here leave their marks, and the rest stands.
        let mut handlers = Vec::new();
        let mut unsaid: Vec<Line> = Vec::new();
        for handler in &stmt.handlers {
            let ExceptHandler::ExceptHandler(own) = handler;
            let start = self.out.len();
            match self.except_words(own.type_.as_deref()) {
                Ok(words) => handlers.push((own, words)),
                Err(why) => {
                    let text = format!(
                        "# except {}: …",
                        own.type_.as_ref().map_or(String::new(), |t| self.text_of(&**t))
                    );
                    let mark = Some(Mark { kind: MarkKind::Unsaid, why });
                    unsaid.push(Line { text, from: self.line_at(own), mark });
                    for (at, line) in self.lines_of(own) {
                        unsaid.push(Line { text: comment(&format!("# {line}")), from: at, mark: None });
                    }
                }
            }
            self.out.truncate(start);
        }
        let nested = !stmt.orelse.is_empty() && !handlers.is_empty();
        let bare = handlers.is_empty() && stmt.finalbody.is_empty();
        if bare {
            self.as_comment(stmt);
            self.statements(&stmt.body);
            self.statements(&stmt.orelse);
            self.give(unsaid);
            return Ok(());
        }
        let fine = if nested { Some(self.temporary()) } else { None };
        let outer = nested && !stmt.finalbody.is_empty();
        if outer {
            self.push("try");
            self.indent += 1;
        }
        if let Some(fine) = &fine {
            self.push(format!("let {fine} = 0"));
        }
        self.push("try");
        let mut join = Join::default();
        self.branch(&mut join, &stmt.body, |pass| pass.block(&stmt.body));
        // It may have ended anywhere.
        self.join(join, false);
        self.indent += 1;
        if let Some(fine) = &fine {
            self.push(format!("let {fine} = 1"));
        }
        if handlers.is_empty() {
            self.statements(&stmt.orelse);
        }
        self.indent -= 1;
        let mut join = Join::default();
        for (own, words) in &handlers {
            self.from = self.line_at(*own);
            let raises = holds_bare_raise(&own.body);
            // Marks of the class stand here.
            let _ = self.except_words(own.type_.as_deref());
            let name = match &own.name {
                Some(name) => {
                    self.note_kind(&name.id, Kind::Error);
                    Some(self.known.sock_name(&name.id))
                }
                None if raises => Some(self.temporary()),
                None => None,
            };
            let mut line = format!("except {words}").trim_end().to_string();
            if let Some(name) = &name {
                line.push_str(&format!(" as {name}"));
            }
            self.push(line);
            self.caught.push(name);
            self.branch(&mut join, &own.body, |pass| pass.block(&own.body));
            self.caught.pop();
        }
        self.join(join, false);
        self.indent += 1;
        self.give(unsaid);
        self.indent -= 1;
        if let Some(fine) = &fine {
            self.push("end");
            self.push(format!("if ${fine} == 1"));
            self.block(&stmt.orelse);
            if !outer {
                self.push("end");
                return Ok(());
            }
            self.push("end");
            self.indent -= 1;
        }
        if !stmt.finalbody.is_empty() {
            self.push("finally");
            self.block(&stmt.finalbody);
        }
        self.push("end");
        Ok(())
    }

    /// The words of `except`.
    fn except_words(&mut self, class: Option<&Expr>) -> Said<String> {
        match class {
            None => Ok(String::new()),
            Some(Expr::Tuple(classes)) => {
                let mut words: Vec<String> = Vec::new();
                for class in &classes.elts {
                    words.push(self.error_name(class)?);
                }
                Ok(words.join(" "))
            }
            Some(class) => self.error_name(class),
        }
    }
}

/// `__name__ == "__main__"`
fn is_main(test: &Expr) -> bool {
    let Expr::Compare(compare) = test else { return false };
    let is_name = |expr: &Expr| matches!(expr, Expr::Name(name) if name.id == "__name__");
    let is_text =
        |expr: &Expr| matches!(expr, Expr::StringLiteral(text) if text.value.to_str() == "__main__");
    let other = compare.comparators.first();
    (is_name(&compare.left) && other.is_some_and(is_text))
        || (is_text(&compare.left) && other.is_some_and(is_name))
}

/// Whether a `raise` alone stands in a handler.
fn holds_bare_raise(body: &[Stmt]) -> bool {
    body.iter().any(|stmt| match stmt {
        Stmt::Raise(raise) => raise.exc.is_none(),
        Stmt::If(stmt) => {
            holds_bare_raise(&stmt.body)
                || stmt.elif_else_clauses.iter().any(|clause| holds_bare_raise(&clause.body))
        }
        _ => false,
    })
}
