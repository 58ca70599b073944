//! The two recipes, as pure functions.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use md5::{Digest, Md5};

use crate::Credentials;

/// R of AUTH-4. `challenge` is the server's opaque value if it gave one, else its challenge; `client_challenge` is ours.
pub(super) fn adobe(credentials: &Credentials, salt: &str, challenge: &str, client_challenge: &str) -> String {
    let hash = base64_md5(&[&credentials.user, salt, &credentials.password]);
    base64_md5(&[&hash, challenge, client_challenge])
}

/// What a `authmod=llnw` client sends besides its user (AUTH-9).
#[derive(Clone, Copy)]
pub(super) struct Llnw<'a> {
    pub(super) nonce: &'a str,
    pub(super) count: &'a str,
    pub(super) client_nonce: &'a str,
}

/// The response of AUTH-8. A query behind `app` is not looked at.
pub(super) fn llnw(credentials: &Credentials, app: &str, values: Llnw<'_>) -> String {
    let Llnw { nonce, count, client_nonce } = values;
    let app = app.split('?').next().unwrap_or_default();
    let instance = if app.contains('/') { "" } else { "/_definst_" };
    let who = hex_md5(&[&credentials.user, ":live:", &credentials.password]);
    let what = hex_md5(&["publish:/", app, instance]);
    hex_md5(&[&who, ":", nonce, ":", count, ":", client_nonce, ":auth:", &what])
}

fn base64_md5(parts: &[&str]) -> String {
    BASE64_STANDARD.encode(md5(parts))
}

fn hex_md5(parts: &[&str]) -> String {
    md5(parts).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn md5(parts: &[&str]) -> [u8; 16] {
    let mut hash = Md5::new();
    parts.iter().for_each(|part| hash.update(part));
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user() -> Credentials {
        Credentials { user: "user".into(), password: "pass".into() }
    }

    #[test]
    fn auth_04_06_adobe_test_values() {
        assert_eq!(base64_md5(&["user", "SALT", "pass"]), "qvP+y+weKZvTvW3c3VonGg==");
        assert_eq!(adobe(&user(), "SALT", "OPQ", "0000002a"), "l12fBvJMI1ceCdC3IkNXmg==");
        assert_eq!(adobe(&user(), "SALT", "CHAL", "0000002a"), "E4jlr67FA0X/xqyOAfojEg==");
    }

    #[test]
    fn auth_08_10_llnw_test_values() {
        let values = Llnw { nonce: "NONCE", count: "00000001", client_nonce: "0000002a" };
        assert_eq!(hex_md5(&["user", ":live:", "pass"]), "fe153d35273a9f3c3733762e44c58f38");
        assert_eq!(hex_md5(&["publish:/live/_definst_"]), "a2d981c976a6851bc5ed3f2beab823c8");
        assert_eq!(hex_md5(&["publish:/live/inst"]), "d557cdab04c1013c3983ea378aaca31e");
        assert_eq!(llnw(&user(), "live", values), "321c0cc0d2486e4723610a07b826fd91");
        assert_eq!(llnw(&user(), "live?authmod=llnw&x=a/b", values), "321c0cc0d2486e4723610a07b826fd91");
        assert_eq!(llnw(&user(), "live/inst", values), "d1e1c8b052418d7b4e937768ca3126b3");
    }
}
