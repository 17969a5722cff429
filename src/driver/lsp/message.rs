//! Frames of JSON-RPC: `Content-Length: N`, an empty line, N bytes of JSON.
//!
//! lsp-server has the messages. Its own reader is not used: it makes room for as many bytes as a client announces, and
//! ends at the first text that is no JSON, where an answer can say so and the next message be read.

use std::io::{self, BufRead, Read as _, Write};

use lsp_server::{ErrorCode, Message};
use serde_json::{Value as Json, json};

use crate::text::literal::one_line;
use crate::words::{Lang, Sentence};

/// The longest header line, and the longest message.
const LONGEST_LINE: u64 = 4 << 10;
const LONGEST_MESSAGE: u64 = 256 << 20;

/// What came.
pub enum Frame {
    Message(Message),
    /// Bytes that are no message, and why.
    Broken(ErrorCode, Sentence),
    /// Where the next message begins cannot be known.
    Lost(Sentence),
    /// The client has closed its end.
    End,
}

/// Reads the next message, however it is cut.
pub fn read(input: &mut impl BufRead) -> io::Result<Frame> {
    let mut length = None;
    loop {
        let mut line = Vec::new();
        input.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line)?;
        if line.is_empty() {
            return Ok(Frame::End);
        }
        if line.last() != Some(&b'\n') {
            return Ok(Frame::Lost(say!(en "the header has no end", es "el encabezado no tiene fin")));
        }
        let line = String::from_utf8_lossy(line.trim_ascii_end()).into_owned();
        if line.is_empty() {
            break;
        }
        let Some((name, value)) = line.split_once(':') else {
            return Ok(Frame::Lost(
                say!(en "not a header: {line}", es "no es un encabezado: {line}", line = one_line(&line)),
            ));
        };
        if name.trim().eq_ignore_ascii_case("content-length") {
            match value.trim().parse() {
                Ok(n) if n <= LONGEST_MESSAGE => length = Some(n),
                _ => {
                    let value = one_line(value.trim());
                    return Ok(Frame::Lost(
                        say!(en "not a length: {value}", es "no es un largo: {value}", value),
                    ));
                }
            }
        }
    }
    let Some(length) = length else {
        return Ok(Frame::Lost(say!(en "`Content-Length` is missing", es "falta `Content-Length`")));
    };
    // Room is made as the bytes come.
    let mut body = Vec::new();
    input.by_ref().take(length).read_to_end(&mut body)?;
    if (body.len() as u64) < length {
        return Ok(Frame::End);
    }
    let json: Json = match serde_json::from_slice(&body) {
        Ok(json) => json,
        Err(e) => return Ok(Frame::Broken(ErrorCode::ParseError, Sentence::plain(e.to_string()))),
    };
    Ok(match serde_json::from_value(json) {
        Ok(message) => Frame::Message(message),
        Err(_) => {
            let why =
                say!(en "neither a request nor a notification", es "ni una solicitud ni una notificación");
            Frame::Broken(ErrorCode::InvalidRequest, why)
        }
    })
}

/// Writes a message whole.
pub fn write(output: &mut impl Write, message: &Json) -> io::Result<()> {
    let text = message.to_string();
    write!(output, "Content-Length: {}\r\n\r\n{text}", text.len())?;
    output.flush()
}

/// The answer to what could not be read, whose number is not known.
pub fn refusal(code: ErrorCode, why: &Sentence, lang: Lang) -> Json {
    json!({ "jsonrpc": "2.0", "id": null, "error": { "code": code as i32, "message": why.show(lang) } })
}

/// A notification of this server.
pub fn notification(method: &str, params: Json) -> Json {
    json!({ "jsonrpc": "2.0", "method": method, "params": params })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(bytes: &[u8]) -> String {
        let mut input = bytes;
        let mut kinds = String::new();
        for _ in 0..10 {
            let kind = match read(&mut input).unwrap() {
                Frame::Message(Message::Request(_)) => 'r',
                Frame::Message(Message::Notification(_)) => 'n',
                Frame::Message(Message::Response(_)) => 'a',
                Frame::Broken(..) => 'b',
                Frame::Lost(_) => 'l',
                Frame::End => return kinds,
            };
            kinds.push(kind);
            if kind == 'l' {
                break;
            }
        }
        kinds
    }

    #[test]
    fn frames_are_read_or_refused() {
        let framed = |text: &str| format!("Content-Length: {}\r\n\r\n{text}", text.len());
        let ask = framed(r#"{"jsonrpc":"2.0","id":1,"method":"x"}"#);
        let tell = framed(r#"{"jsonrpc":"2.0","method":"x","params":[]}"#);
        for (bytes, want) in [
            (format!("{ask}{tell}"), "rn"),
            (format!("{}{ask}", framed("{")), "br"),
            (format!("{}{ask}", framed("[]")), "br"),
            (format!("{}{ask}", framed("{}")), "br"),
            (format!("{}{ask}", framed(&"[".repeat(100_000))), "br"),
            (format!("{}{ask}", framed(r#"{"jsonrpc":"2.0","id":1.5,"method":"x"}"#)), "nr"),
            ("Content-Length: 99999999999999999999\r\n\r\n".into(), "l"),
            ("Content-Length: -1\r\n\r\n{}".into(), "l"),
            ("Content-Length: 250000000\r\n\r\n{}".into(), ""),
            ("Content-Type: x\r\n\r\n{}".into(), "l"),
            ("hello\r\n".into(), "l"),
            ("x".repeat(10_000), "l"),
            (String::new(), ""),
            (format!("content-length:2\n\n{{}}{ask}"), "br"),
        ] {
            assert_eq!(kinds(bytes.as_bytes()), want, "{:?}", &bytes[..bytes.len().min(60)]);
        }
        assert_eq!(kinds(b"Content-Length: 2\r\n\r\n\xff\xff"), "b");
    }
}
