//! What the console asks for.

use crate::amf_text::read_arguments;
use rtmp_session::amf::Value;

/// One line of the console.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ConsoleRequest {
    /// The client it is for; `None` is all of them.
    pub(super) client: Option<u64>,
    pub(super) action: Action,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Action {
    Ping,
    StreamBegin,
    StreamEof,
    StreamDry,
    Status { code: String, text: String, error: bool },
    Call { name: String, values: Vec<Value> },
    Notify { name: String, values: Vec<Value> },
    Data { name: String, values: Vec<Value> },
    Reconnect(Option<String>),
    End(String),
    Close,
}

impl ConsoleRequest {
    /// `None` for an empty line.
    pub(super) fn parse(line: &str) -> Result<Option<Self>, String> {
        let mut words = split_words(line).into_iter().peekable();
        let client = match words.peek().and_then(|word| word.strip_prefix('#')) {
            Some(number) => Some(number.parse().map_err(|_| format!("#{number} is not the number of a client"))?),
            None => None,
        };
        if client.is_some() {
            words.next();
        }
        let Some(verb) = words.next() else { return Ok(None) };
        let rest: Vec<String> = words.collect();
        let named = || {
            let (name, values) = rest.split_first().ok_or_else(|| format!("{verb} needs a name"))?;
            Ok::<_, String>((name.clone(), read_arguments(values)?))
        };
        let action = match verb.as_str() {
            "ping" => Action::Ping,
            "begin" => Action::StreamBegin,
            "eof" => Action::StreamEof,
            "dry" => Action::StreamDry,
            "status" => {
                let (code, text) = rest.split_first().ok_or("status needs a code")?;
                let error = code.starts_with('!');
                Action::Status { code: code.trim_start_matches('!').to_owned(), text: text.join(" "), error }
            }
            "call" => named().map(|(name, values)| Action::Call { name, values })?,
            "notify" => named().map(|(name, values)| Action::Notify { name, values })?,
            "data" => named().map(|(name, values)| Action::Data { name, values })?,
            "reconnect" => Action::Reconnect(rest.first().cloned()),
            "end" => Action::End(rest.join(" ")),
            "close" => Action::Close,
            _ => return Err(format!("{verb:?} is not known; rtmp serve --help lists what is")),
        };
        Ok(Some(Self { client, action }))
    }
}

/// Words at spaces; what stands in single or double quotes, braces or brackets stays together.
fn split_words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut depth) = (Vec::new(), String::new(), 0_usize);
    let mut quote = None;
    for c in line.chars() {
        match (quote, c) {
            (None, ' ' | '\t') if depth == 0 => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                continue;
            }
            (None, '\'' | '"') => {
                quote = Some(c);
                // JSON's own quotes stay; a shell's go.
                if c == '\'' && depth == 0 {
                    continue;
                }
            }
            (Some(open), _) if open == c => {
                quote = None;
                if c == '\'' && depth == 0 {
                    continue;
                }
            }
            (None, '{' | '[') => depth += 1,
            (None, '}' | ']') => depth = depth.saturating_sub(1),
            _ => {}
        }
        word.push(c);
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_requests_to_one_client_or_all() {
        let parse = |line| ConsoleRequest::parse(line).unwrap().unwrap();
        assert_eq!(parse("#3 ping"), ConsoleRequest { client: Some(3), action: Action::Ping });
        let data = Action::Data { name: "onTextData".into(), values: vec!["a b".into(), Value::Number(5.0)] };
        assert_eq!(parse(r#"data onTextData "a b" 5"#), ConsoleRequest { client: None, action: data });
        let Action::Notify { values, .. } = parse(r#"notify f {"a": "x y"} 'c d'"#).action else { panic!() };
        assert_eq!(values[0]["a"], "x y");
        assert_eq!(values[1], "c d");
        let status = Action::Status { code: "NetStream.Failed".into(), text: "no more".into(), error: true };
        assert_eq!(parse("status !NetStream.Failed no more").action, status);
        assert_eq!(ConsoleRequest::parse("  ").unwrap(), None);
        for wrong in ["jump", "#x ping", "call", "data name {broken"] {
            assert!(ConsoleRequest::parse(wrong).is_err(), "{wrong}");
        }
    }
}
