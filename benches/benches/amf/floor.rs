//! The least that a tree of values costs: strings borrowed from the message, one list for each object, no limits, and only
//! the types that commands and metadata have.

pub(crate) enum Tree<'a> {
    Number(f64),
    Boolean(bool),
    Text(&'a str),
    Object(Vec<(&'a str, Self)>),
    EcmaArray(Vec<(&'a str, Self)>),
    Null,
}

pub(crate) fn decode(mut message: &[u8]) -> Option<Vec<Tree<'_>>> {
    let mut values = Vec::with_capacity(4);
    while !message.is_empty() {
        values.push(value(&mut message)?);
    }
    Some(values)
}

fn value<'a>(src: &mut &'a [u8]) -> Option<Tree<'a>> {
    Some(match array::<1>(src)?[0] {
        0 => Tree::Number(f64::from_be_bytes(array(src)?)),
        1 => Tree::Boolean(array::<1>(src)?[0] != 0),
        2 => Tree::Text(text(src)?),
        3 => Tree::Object(members(src, 16)?),
        5 | 6 => Tree::Null,
        8 => {
            let count = u32::from_be_bytes(array(src)?) as usize;
            Tree::EcmaArray(members(src, count.min(32))?)
        }
        _ => return None,
    })
}

fn members<'a>(src: &mut &'a [u8], room: usize) -> Option<Vec<(&'a str, Tree<'a>)>> {
    let mut members = Vec::with_capacity(room);
    loop {
        let name = text(src)?;
        if name.is_empty() && src.first() == Some(&9) {
            *src = &src[1..];
            return Some(members);
        }
        members.push((name, value(src)?));
    }
}

fn text<'a>(src: &mut &'a [u8]) -> Option<&'a str> {
    let len = usize::from(u16::from_be_bytes(array(src)?));
    let (text, rest) = src.split_at_checked(len)?;
    *src = rest;
    std::str::from_utf8(text).ok()
}

fn array<const N: usize>(src: &mut &[u8]) -> Option<[u8; N]> {
    let (bytes, rest) = src.split_first_chunk::<N>()?;
    *src = rest;
    Some(*bytes)
}

pub(crate) fn encode(values: &[Tree<'_>], out: &mut Vec<u8>) {
    values.iter().for_each(|value| put(value, out));
}

fn put(value: &Tree<'_>, out: &mut Vec<u8>) {
    match value {
        Tree::Number(number) => {
            out.push(0);
            out.extend_from_slice(&number.to_be_bytes());
        }
        Tree::Boolean(value) => out.extend_from_slice(&[1, u8::from(*value)]),
        Tree::Text(text) => {
            out.push(2);
            put_text(text, out);
        }
        Tree::Object(members) => {
            out.push(3);
            put_members(members, out);
        }
        Tree::EcmaArray(members) => {
            out.push(8);
            out.extend_from_slice(&(members.len() as u32).to_be_bytes());
            put_members(members, out);
        }
        Tree::Null => out.push(5),
    }
}

fn put_members(members: &[(&str, Tree<'_>)], out: &mut Vec<u8>) {
    for (name, value) in members {
        put_text(name, out);
        put(value, out);
    }
    out.extend_from_slice(&[0, 0, 9]);
}

fn put_text(text: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(&(text.len() as u16).to_be_bytes());
    out.extend_from_slice(text.as_bytes());
}
