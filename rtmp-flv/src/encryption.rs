//! The envelope of an encrypted tag. It is read so far that a tool can tell what it sees; nothing is decrypted.

use crate::{AudioHeader, FlvError, TagKind, VideoHeader};
use core::str;

/// What stands in front of the encrypted part of a [`TagKind::Encrypted`] tag. See FLV-56.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EncryptionHeader<'a> {
    /// The audio or video header, which is not encrypted. Empty in a script tag.
    pub clear: &'a [u8],
    /// `Encryption` (version 1) or `SE` (version 2, selective). See FLV-58.
    pub filter_name: &'a str,
    /// Whether the rest of this tag is encrypted; with `SE` it may not be. See FLV-59.
    pub encrypted: bool,
    /// Initialisation vector of AES-128-CBC, if the tag has one. See FLV-59, FLV-60.
    pub iv: Option<[u8; 16]>,
    /// Where the body starts, in bytes from the start of the tag's data.
    pub body: usize,
}

impl<'a> EncryptionHeader<'a> {
    /// Reads the envelope of a tag's data.
    ///
    /// # Errors
    /// [`FlvError::BadEncryptionHeader`] if this is no such envelope, or the error of the header in clear.
    pub fn parse(kind: TagKind, data: &'a [u8]) -> Result<Self, FlvError> {
        let clear_len = match kind {
            TagKind::Encrypted(8) => AudioHeader::parse(data)?.body,
            TagKind::Encrypted(9) => VideoHeader::parse(data)?.body,
            TagKind::Encrypted(_) => 0,
            _ => return Err(FlvError::BadEncryptionHeader("the tag has no Filter bit")),
        };
        let (clear, rest) = data.split_at_checked(clear_len).ok_or(CUT)?;
        let (&filters, rest) = rest.split_first().ok_or(CUT)?;
        if filters != 1 {
            return Err(FlvError::BadEncryptionHeader("number of filters is not 1"));
        }
        let (filter_name, rest) = read_name(rest)?;
        let (&[a, b, c], rest) = rest.split_first_chunk().ok_or(CUT)?;
        let params_len = u32::from_be_bytes([0, a, b, c]) as usize;
        let (params, body) = rest.split_at_checked(params_len).ok_or(CUT)?;
        let (encrypted, iv) = match (filter_name, params) {
            ("SE", [flags, iv @ ..]) if flags & 0x80 != 0 => (true, Some(iv)),
            ("SE", [_, ..]) => (false, None),
            ("Encryption", iv) => (true, Some(iv)),
            ("SE", []) => return Err(CUT),
            _ => return Err(FlvError::BadEncryptionHeader("unknown filter")),
        };
        let iv = match iv {
            Some(iv) => Some(*iv.first_chunk().ok_or(CUT)?),
            None => None,
        };
        Ok(Self { clear, filter_name, encrypted, iv, body: data.len() - body.len() })
    }
}

const CUT: FlvError = FlvError::BadEncryptionHeader("cut");

/// FLV-58: text up to a NUL by the document; some writers put a length of 16 bits in front, whose first byte is 0.
fn read_name(data: &[u8]) -> Result<(&str, &[u8]), FlvError> {
    let (name, rest) = match data {
        [0, len, rest @ ..] => rest.split_at_checked(usize::from(*len)).ok_or(CUT)?,
        _ => {
            let end = data.iter().position(|&byte| byte == 0).ok_or(CUT)?;
            (&data[..end], &data[end + 1..])
        }
    };
    let name = str::from_utf8(name).map_err(|_| FlvError::BadEncryptionHeader("the filter's name is no text"))?;
    Ok((name, rest))
}
