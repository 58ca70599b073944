//! Flash files: what SWF verification hashes is the uncompressed file (SWFV-2).

use flate2::read::ZlibDecoder;
use std::io::{self, Read};

/// Longest file, compressed or not, in bytes. Players of the time had less than 10 MiB; more would be an attack.
pub(super) const MAX_LEN: usize = 64 << 20;

/// Why a file cannot be hashed.
#[derive(Debug, thiserror::Error)]
pub(super) enum SwfError {
    #[error("not a Flash file: it begins with {0:02x?}")]
    NotSwf(Vec<u8>),
    #[error("a Flash file compressed with LZMA, which no server is known to verify")]
    Lzma,
    #[error("damaged: {0}")]
    Damaged(#[from] io::Error),
    #[error("longer than {MAX_LEN} bytes")]
    TooLong,
}

/// The file as it was before compression: the eight bytes of its head stay as they are but for the first, `C` for
/// compressed, which becomes `F`.
pub(super) fn uncompressed(bytes: Vec<u8>) -> Result<Vec<u8>, SwfError> {
    match bytes.get(..3) {
        Some(b"FWS") if bytes.len() > MAX_LEN => Err(SwfError::TooLong),
        Some(b"FWS") => Ok(bytes),
        Some(b"CWS") if bytes.len() >= HEAD => {
            let mut whole = bytes[..HEAD].to_vec();
            whole[0] = b'F';
            let room = MAX_LEN - HEAD;
            // One byte more than there is room for tells a file of that length from a longer one.
            let inflated = ZlibDecoder::new(&bytes[HEAD..]).take(room as u64 + 1).read_to_end(&mut whole)?;
            if inflated > room { Err(SwfError::TooLong) } else { Ok(whole) }
        }
        Some(b"ZWS") => Err(SwfError::Lzma),
        _ => Err(SwfError::NotSwf(bytes.into_iter().take(8).collect())),
    }
}

/// Signature, version, and the length of the uncompressed file.
const HEAD: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::ZlibEncoder;
    use std::io::Write;

    fn compressed(body: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(b"CWS\x0a\x10\0\0\0".to_vec(), Compression::best());
        encoder.write_all(body).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn swfv_2_a_compressed_file_is_inflated_behind_its_head() {
        let plain = b"FWS\x0a\x10\0\0\0body...".to_vec();
        assert_eq!(uncompressed(plain.clone()).unwrap(), plain);
        assert_eq!(uncompressed(compressed(b"body...")).unwrap(), plain);
    }

    #[test]
    fn what_is_no_flash_file_is_refused() {
        for (bytes, message) in [
            (&b"<!DOCTYPE html>"[..], "not a Flash file"),
            (b"FW", "not a Flash file"),
            (b"CWS", "not a Flash file"),
            (b"ZWS\x0d\0\0\0\0", "LZMA"),
            (b"CWS\x0a\0\0\0\0garbage", "damaged"),
        ] {
            let error = uncompressed(bytes.to_vec()).unwrap_err().to_string();
            assert!(error.contains(message), "{error}");
        }
        let whole = compressed(&[7; 1000]);
        assert!(matches!(uncompressed(whole[..whole.len() - 6].to_vec()), Err(SwfError::Damaged(_))), "cut off");
    }

    #[test]
    fn a_file_that_inflates_without_end_is_given_up() {
        let bomb = compressed(&vec![0; MAX_LEN]);
        assert!(bomb.len() < 1 << 20);
        assert!(matches!(uncompressed(bomb), Err(SwfError::TooLong)));
        assert_eq!(uncompressed(compressed(&vec![0; MAX_LEN - HEAD])).unwrap().len(), MAX_LEN);
    }
}
