//! `sockbook lsp`: scripts in an editor, by the Language Server Protocol over standard input and output.
//!
//! One message is answered after the other: a script is read in about a millisecond, so that nothing is to be done beside
//! it. [`message`] has the frames, [`world`] the texts, [`unit`] what the compiler knows of one; each other file answers
//! a kind of question.

mod actions;
mod complete;
mod document;
mod hover;
mod message;
mod names;
mod problems;
mod unit;
mod world;

use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use anyhow::Result;
use lsp_server::{ErrorCode, Message, Notification, Request};
use serde_json::{Value as Json, json};

use super::failure::failure;
use super::files;
use super::terminal;
use crate::text::diagnostic::Sources;
use crate::text::layout;
use crate::text::literal;
use crate::words::{Lang, Sentence};
use message::Frame;
use world::{Open, World};

/// Serves the editor at the other end of standard input and output; `asked` is what `--lang` says. The exit code:
/// 0 after `shutdown`, else 1.
pub fn main(asked: Option<Lang>) -> Result<i32> {
    serve(&mut BufReader::new(io::stdin().lock()), &mut io::stdout().lock(), asked).map_err(|e| {
        let why = files::io_words(&e);
        failure(say!(en "the editor cannot be reached: {why}", es "no se llega al editor: {why}", why))
    })
}

/// Answers messages until the client leaves; the exit code.
pub fn serve(input: &mut impl BufRead, output: &mut impl Write, asked: Option<Lang>) -> io::Result<i32> {
    let mut server = Server { asked, state: State::New, world: World::default(), out: Vec::new() };
    server.world.lang = terminal::lang(asked);
    loop {
        match message::read(input)? {
            Frame::Message(Message::Request(request)) => {
                let id = json!(request.id);
                let answer = match server.answer(&request) {
                    Ok(result) => json!({ "jsonrpc": "2.0", "id": id, "result": result }),
                    Err(Refused { code, why }) => {
                        let why = literal::visible(&why.show(server.world.lang));
                        json!({ "jsonrpc": "2.0", "id": id, "error": { "code": code as i32, "message": why } })
                    }
                };
                server.out.push(answer);
            }
            Frame::Message(Message::Notification(told)) if told.method == "exit" => {
                return Ok(i32::from(server.state != State::Left));
            }
            Frame::Message(Message::Notification(told)) => server.hear(&told),
            // Nothing is asked of the client.
            Frame::Message(Message::Response(_)) => {}
            Frame::Broken(code, why) => server.out.push(message::refusal(code, &why, server.world.lang)),
            Frame::Lost(why) => {
                message::write(output, &message::refusal(ErrorCode::ParseError, &why, server.world.lang))?;
                return Ok(1);
            }
            Frame::End => return Ok(i32::from(server.state != State::Left)),
        }
        for message in server.out.drain(..) {
            message::write(output, &message)?;
        }
    }
}

/// How far the client and this server are with each other.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    Serving,
    Left,
}

struct Server {
    asked: Option<Lang>,
    state: State,
    world: World,
    /// What is to be sent.
    out: Vec<Json>,
}

/// Why a request has no result.
struct Refused {
    code: ErrorCode,
    why: Sentence,
}

impl Refused {
    fn new(code: ErrorCode, why: Sentence) -> Refused {
        Refused { code, why }
    }
}

type Answer = std::result::Result<Json, Refused>;

impl Server {
    fn answer(&mut self, request: &Request) -> Answer {
        let params = &request.params;
        match (self.state, request.method.as_str()) {
            (State::New, "initialize") => Ok(self.initialize(params)),
            (State::New, _) => {
                let why = say!(en "`initialize` comes first", es "primero va `initialize`");
                Err(Refused::new(ErrorCode::ServerNotInitialized, why))
            }
            (State::Left, _) => {
                let why = say!(en "nothing follows `shutdown` but `exit`", es "después de `shutdown` solo va `exit`");
                Err(Refused::new(ErrorCode::InvalidRequest, why))
            }
            (State::Serving, "initialize") => Err(Refused::new(
                ErrorCode::InvalidRequest,
                say!(en "`initialize` comes once", es "`initialize` va una sola vez"),
            )),
            (State::Serving, "shutdown") => {
                self.state = State::Left;
                Ok(Json::Null)
            }
            (State::Serving, method) => self.of_document(method, params),
        }
    }

    fn initialize(&mut self, params: &Json) -> Json {
        self.state = State::Serving;
        if self.asked.is_none()
            && let Some(lang) = params["locale"].as_str().and_then(Lang::of_locale)
        {
            self.world.lang = lang;
        }
        let folders = params["workspaceFolders"].as_array().into_iter().flatten();
        let folders = folders.filter_map(|folder| folder["uri"].as_str());
        self.world.roots = folders.chain(params["rootUri"].as_str()).filter_map(world::path_of).collect();
        self.world.roots.sort();
        self.world.roots.dedup();
        json!({
            "serverInfo": { "name": "sockbook", "version": env!("CARGO_PKG_VERSION") },
            "capabilities": {
                "positionEncoding": "utf-16",
                "textDocumentSync": { "openClose": true, "change": 2, "save": true },
                "completionProvider": { "triggerCharacters": ["$", "{", ".", "-"] },
                "hoverProvider": true,
                "definitionProvider": true,
                "referencesProvider": true,
                "renameProvider": { "prepareProvider": true },
                "documentFormattingProvider": true,
                "codeActionProvider": { "codeActionKinds": ["quickfix"] },
                "workspace": { "workspaceFolders": { "supported": true, "changeNotifications": true } },
            },
        })
    }

    /// A question about an open text.
    fn of_document(&self, method: &str, params: &Json) -> Answer {
        const METHODS: [&str; 8] = [
            "textDocument/completion",
            "textDocument/hover",
            "textDocument/definition",
            "textDocument/references",
            "textDocument/prepareRename",
            "textDocument/rename",
            "textDocument/formatting",
            "textDocument/codeAction",
        ];
        if !METHODS.contains(&method) {
            let method = literal::one_line(method);
            let why = say!(en "there is no method `{method}`", es "no existe el método `{method}`", method);
            return Err(Refused::new(ErrorCode::MethodNotFound, why));
        }
        let missing = |what: &'static str| {
            let why = say!(en "{method} lacks `{what}`", es "a {method} le falta `{what}`", method, what);
            Refused::new(ErrorCode::InvalidParams, why)
        };
        let uri = params["textDocument"]["uri"].as_str().ok_or_else(|| missing("textDocument.uri"))?;
        let open = self.world.open.get(uri).ok_or_else(|| {
            let uri = literal::one_line(uri);
            let why = say!(en "{uri} is not open", es "{uri} no está abierto", uri);
            Refused::new(ErrorCode::InvalidParams, why)
        })?;
        let world = &self.world;
        let at = || open.document.offset_of(&params["position"]).ok_or_else(|| missing("position"));
        let result = match method {
            "textDocument/completion" => Some(complete::at(world, open, at()?)),
            "textDocument/hover" => hover::at(world, open, at()?),
            "textDocument/definition" => names::definition(world, open, at()?),
            "textDocument/references" => {
                let with = params["context"]["includeDeclaration"].as_bool().unwrap_or(true);
                names::references(world, open, at()?, with)
            }
            "textDocument/prepareRename" => names::renamed(world, open, at()?),
            "textDocument/rename" => {
                let new = params["newName"].as_str().ok_or_else(|| missing("newName"))?;
                names::rename(world, open, at()?, new)
                    .map_err(|why| Refused::new(ErrorCode::RequestFailed, why))?
            }
            "textDocument/formatting" => formatted(open),
            _ => {
                let range = open.document.bytes_of(&params["range"]).ok_or_else(|| missing("range"))?;
                Some(actions::of(world, uri, open, range).into())
            }
        };
        Ok(result.unwrap_or(Json::Null))
    }

    /// What the client tells; what cannot be read of it is left out, since nothing may answer it.
    fn hear(&mut self, told: &Notification) {
        let params = &told.params;
        if self.state != State::Serving {
            return;
        }
        let uri = params["textDocument"]["uri"].as_str().unwrap_or("");
        match told.method.as_str() {
            "textDocument/didOpen" => {
                let document = &params["textDocument"];
                let Some(text) = document["text"].as_str().filter(|_| !uri.is_empty()) else { return };
                self.world.open(uri, text, document["version"].clone());
                self.read_again(uri);
            }
            "textDocument/didChange" => {
                let Some(open) = self.world.open.get_mut(uri) else { return };
                for change in params["contentChanges"].as_array().into_iter().flatten() {
                    open.document.change(change);
                }
                open.version = params["textDocument"]["version"].clone();
                self.read_again(uri);
            }
            "textDocument/didClose" => {
                if let Some(open) = self.world.open.remove(uri) {
                    self.out.push(problems::withdraw(uri));
                    self.read_those_with(Path::new(&open.file));
                }
            }
            // What is saved may be a fixture, or what a script of this project sources.
            "textDocument/didSave" | "workspace/didChangeWatchedFiles" => {
                let mut all: Vec<String> = self.world.open.keys().cloned().collect();
                all.sort();
                for uri in all {
                    self.out.extend(problems::publish(&mut self.world, &uri));
                }
            }
            "workspace/didChangeWorkspaceFolders" => {
                let folders = |name: &str| -> Vec<PathBuf> {
                    let list = params["event"][name].as_array().into_iter().flatten();
                    list.filter_map(|folder| folder["uri"].as_str().and_then(world::path_of)).collect()
                };
                let (added, removed) = (folders("added"), folders("removed"));
                self.world.roots.retain(|root| !removed.contains(root));
                self.world.roots.extend(added);
            }
            _ => {}
        }
    }

    /// Says what is wrong with a text, and with those that source it.
    fn read_again(&mut self, uri: &str) {
        self.out.extend(problems::publish(&mut self.world, uri));
        if let Some(file) = self.world.open.get(uri).map(|open| PathBuf::from(&open.file)) {
            self.read_those_with(&file);
        }
    }

    fn read_those_with(&mut self, file: &Path) {
        let with = |open: &Open| open.files.iter().any(|other| other == file);
        let mut uris: Vec<String> =
            self.world.open.iter().filter(|(_, open)| with(open)).map(|(uri, _)| uri.clone()).collect();
        uris.sort();
        for uri in uris {
            self.out.extend(problems::publish(&mut self.world, &uri));
        }
    }
}

/// The edits that lay a text out; nothing where it cannot be read.
fn formatted(open: &Open) -> Option<Json> {
    let mut sources = Sources::default();
    if !sources.fits(open.document.text.len()) {
        return None;
    }
    let new = layout::format(&sources.add("", open.document.text.as_str())).ok()?;
    Some(document::difference(&open.document, &new).into_iter().collect::<Vec<_>>().into())
}
