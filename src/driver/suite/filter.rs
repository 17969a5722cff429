//! `--filter`: which scripts are meant, in words. `http and not (tag:slow or ipv6)`.

use crate::driver::failure::Failure;
use crate::words::Sentence;

/// An expression that holds for some scripts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filter {
    /// The path or the title has these letters in it.
    Part(String),
    /// It has this tag.
    Tag(String),
    Not(Box<Filter>),
    All(Vec<Filter>),
    Any(Vec<Filter>),
}

/// Parentheses in parentheses: beyond this it is a mistake, and the stack has an end.
const DEEPEST: usize = 50;

impl Filter {
    /// Does it hold for a script with this path, title and tags?
    pub fn holds(&self, path: &str, title: &str, tags: &[String]) -> bool {
        match self {
            Filter::Part(part) => path.contains(part.as_str()) || title.contains(part.as_str()),
            Filter::Tag(tag) => tags.contains(tag),
            Filter::Not(inner) => !inner.holds(path, title, tags),
            Filter::All(parts) => parts.iter().all(|part| part.holds(path, title, tags)),
            Filter::Any(parts) => parts.iter().any(|part| part.holds(path, title, tags)),
        }
    }
}

/// Reads an expression.
pub fn parse(text: &str) -> Result<Filter, Failure> {
    let tokens = tokens(text).map_err(Failure)?;
    let mut reader = Reader { tokens: &tokens, at: 0, depth: 0 };
    let filter = reader.any().map_err(Failure)?;
    match reader.peek() {
        None => Ok(filter),
        Some(Token::Close) => {
            Err(Failure(phrase!(en "a `)` without its `(`", es "un `)` sin su `(`").into()))
        }
        Some(next) => {
            let next = next.shown();
            Err(Failure(say!(
                en "`and` or `or` is due before `{next}`",
                es "antes de `{next}` va `and` u `or`",
                next
            )))
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Open,
    Close,
    And,
    Or,
    Not,
    /// A word; quoted ones are never `and`, `or`, `not` or a tag.
    Word(String),
    Tag(String),
}

impl Token {
    fn shown(&self) -> String {
        match self {
            Token::Open => "(".into(),
            Token::Close => ")".into(),
            Token::And => "and".into(),
            Token::Or => "or".into(),
            Token::Not => "not".into(),
            Token::Word(word) => word.clone(),
            Token::Tag(tag) => format!("tag:{tag}"),
        }
    }
}

fn tokens(text: &str) -> Result<Vec<Token>, Sentence> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, used) = match first {
            '(' => (Token::Open, 1),
            ')' => (Token::Close, 1),
            quote @ ('"' | '\'') => {
                let Some(end) = rest[1..].find(quote) else {
                    return Err(say!(
                        en "the {quote} is never closed",
                        es "las comillas {quote} no se cierran",
                        quote = quote.to_string()
                    ));
                };
                (Token::Word(rest[1..=end].to_string()), end + 2)
            }
            _ => {
                let end = rest.find(|c: char| c.is_whitespace() || c == '(' || c == ')');
                let word = &rest[..end.unwrap_or(rest.len())];
                let token = match (word, word.strip_prefix("tag:")) {
                    ("and", _) => Token::And,
                    ("or", _) => Token::Or,
                    ("not", _) => Token::Not,
                    (_, Some("")) => {
                        return Err(phrase!(
                            en "a tag is due behind `tag:`",
                            es "después de `tag:` va una etiqueta"
                        )
                        .into());
                    }
                    (_, Some(tag)) => Token::Tag(tag.to_string()),
                    _ => Token::Word(word.to_string()),
                };
                (token, word.len())
            }
        };
        tokens.push(token);
        rest = rest[used..].trim_start();
    }
    Ok(tokens)
}

struct Reader<'t> {
    tokens: &'t [Token],
    at: usize,
    depth: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn take(&mut self, token: &Token) -> bool {
        let there = self.peek() == Some(token);
        self.at += usize::from(there);
        there
    }

    fn any(&mut self) -> Result<Filter, Sentence> {
        let mut parts = vec![self.all()?];
        while self.take(&Token::Or) {
            parts.push(self.all()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Filter::Any(parts) })
    }

    fn all(&mut self) -> Result<Filter, Sentence> {
        let mut parts = vec![self.one()?];
        while self.take(&Token::And) {
            parts.push(self.one()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Filter::All(parts) })
    }

    fn one(&mut self) -> Result<Filter, Sentence> {
        self.depth += 1;
        if self.depth > DEEPEST {
            let most = DEEPEST;
            return Err(say!(
                en "more than {most} parentheses inside one another",
                es "más de {most} paréntesis uno dentro de otro",
                most
            ));
        }
        let filter = match self.tokens.get(self.at).cloned() {
            Some(Token::Not) => {
                self.at += 1;
                Filter::Not(Box::new(self.one()?))
            }
            Some(Token::Open) => {
                self.at += 1;
                let inner = self.any()?;
                if !self.take(&Token::Close) {
                    return Err(match self.peek() {
                        Some(next) => say!(
                            en "`and`, `or` or `)` is due before `{next}`",
                            es "antes de `{next}` va `and`, `or` o `)`",
                            next = next.shown()
                        ),
                        None => phrase!(en "a `(` is never closed", es "un `(` no se cierra").into(),
                    });
                }
                inner
            }
            Some(Token::Word(word)) => {
                self.at += 1;
                Filter::Part(word)
            }
            Some(Token::Tag(tag)) => {
                self.at += 1;
                Filter::Tag(tag)
            }
            next => {
                let next = next.map(|next| next.shown());
                return Err(match next {
                    Some(next) => say!(
                        en "a word is due before `{next}`; a word that is meant so stands in quotes",
                        es "antes de `{next}` va una palabra; si es esa misma palabra, va entre comillas",
                        next
                    ),
                    None => phrase!(
                        en "a word is missing at the end: `http`, `tag:slow`, `not ipv6`",
                        es "falta una palabra al final: `http`, `tag:slow`, `not ipv6`"
                    )
                    .into(),
                });
            }
        };
        self.depth -= 1;
        Ok(filter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_tags_and_operators_choose() {
        for (text, path, tags, want) in [
            ("http", "a/http.sock", "", true),
            ("http", "a/smtp.sock", "", false),
            ("tag:slow", "slow.sock", "", false),
            ("tag:slow", "x.sock", "net slow", true),
            ("not tag:slow", "x.sock", "net", true),
            ("a and b or c", "c", "", true),
            ("a and (b or c)", "c", "", false),
            ("not a and b", "b", "", true),
            ("not (a and b)", "ab", "", false),
            ("'or' or \"tag:x\"", "or.sock", "", true),
            ("a(b)", "", "", false),
        ] {
            let tags: Vec<String> = tags.split_whitespace().map(str::to_string).collect();
            match parse(text) {
                Ok(filter) => assert_eq!(filter.holds(path, "", &tags), want, "{text}"),
                Err(_) => assert_eq!(text, "a(b)"),
            }
        }
        assert!(parse("the title").is_err());
        assert!(parse("title").unwrap().holds("x.sock", "a title", &[]));
    }

    #[test]
    fn what_is_no_expression_is_said() {
        for (text, want) in [
            ("", "a word is missing at the end"),
            ("a and", "a word is missing at the end"),
            ("a b", "`and` or `or` is due before `b`"),
            ("(a", "a `(` is never closed"),
            ("(a b)", "`and`, `or` or `)` is due before `b`"),
            ("a)", "a `)` without its `(`"),
            ("or a", "a word is due before `or`"),
            ("tag:", "a tag is due behind `tag:`"),
            ("\"a", "the \" is never closed"),
        ] {
            let said = parse(text).unwrap_err().to_string();
            assert!(said.starts_with(want), "{text}: {said}");
        }
        assert!(parse(&"(".repeat(100_000)).is_err());
        assert!(parse(&"not ".repeat(100_000)).is_err());
    }
}
