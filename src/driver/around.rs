//! `sockbook run` of a script below fixtures: they begin before it, and end after it.

use std::path::Path;
use std::sync::Arc;

use super::fixture::Fixtures;
use super::output::complain;
use super::run::{self, Options, Rest, Text};
use crate::engine::{Event, FIXTURE, Watch};
use crate::net::gate::{Gate, main_gate};
use crate::session::Session;
use crate::text::diagnostic::Sources;
use crate::text::tree::Answer;
use crate::value::outcome::Halt;
use crate::words::Lang;

/// What a fixture prints is not the script's.
struct Quiet;

impl Watch for Quiet {
    fn wants(&self, _: &Session, _: Option<&Answer>) -> bool {
        false
    }

    fn done(&self, _: &mut Session, _: &Event<'_>) -> Result<(), Box<Halt>> {
        Ok(())
    }

    fn flush(&self, _: &Gate) {}
}

/// The fixtures of a script, begun: the outermost first.
#[derive(Default)]
pub struct Around {
    held: Vec<(Session, Sources)>,
    lang: Lang,
}

/// Begins the fixtures of a script and puts what they export into its options; or the exit code, where one fails.
pub fn begin(script: &Path, options: &mut Options) -> Result<Around, i32> {
    let mut around = Around { held: Vec::new(), lang: options.lang };
    if script.file_name().is_none_or(|name| name == FIXTURE) {
        return Ok(around);
    }
    let mut fixtures = Fixtures::default();
    let innermost = fixtures.of(script);
    let mut chain: Vec<usize> = fixtures.chain(innermost).collect();
    chain.reverse();
    for at in chain {
        let fixture = &fixtures.all[at];
        let text = match &fixture.text {
            Ok(text) => Text {
                name: fixture.path.to_string_lossy().into_owned(),
                text: text.to_string(),
                is_input: false,
            },
            Err(why) => {
                complain(format_args!("error: {}", why.show(options.lang)));
                around.end();
                return Err(2);
            }
        };
        let own = Options { arguments: Vec::new(), echo: false, json: false, ..options.clone() };
        let Some((program, mut compiler)) = run::compile(text, &own) else {
            around.end();
            return Err(2);
        };
        let mut session = Session::new(main_gate());
        run::give(&mut session, &own, &mut compiler.scope, false);
        let ended = run::execute(&program, &mut session, Arc::new(Quiet), Rest::Scripts);
        if ended.halt.is_some() {
            run::explain(&ended, &compiler.sources, options.lang);
            session.close_all();
            session.remove_tmpdir();
            around.end();
            return Err(run::exit_code(ended.halt.as_deref()));
        }
        let names = fixture.names.iter().map(|name| (Arc::from(name.as_str()), None));
        let given = session.exports().into_iter().map(|(name, value)| (name, Some(value)));
        options.exports.extend(names.chain(given));
        options.folders.extend(session.caller.roster.folder().map(Path::to_path_buf));
        around.held.push((session, compiler.sources));
    }
    Ok(around)
}

impl Around {
    /// Ends them, the innermost first; whether all ended well.
    pub fn end(self) -> bool {
        let mut well = true;
        for (mut session, sources) in self.held.into_iter().rev() {
            let ended = run::conclude(&mut session, &Arc::new(Quiet));
            if ended.halt.is_some() {
                run::explain(&ended, &sources, self.lang);
                well = false;
            }
            session.close_all();
            session.remove_tmpdir();
        }
        well
    }
}
