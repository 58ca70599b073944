//! Publisher authentication, both roles against each other and against what deployed peers say.
#![cfg(feature = "auth")]

use proptest::prelude::*;
use rtmp_session::Credentials;
use rtmp_session::auth::{AuthError, AuthMethod, ClientAuth, ServerAuth, Verdict};

const METHODS: [AuthMethod; 2] = [AuthMethod::Adobe, AuthMethod::Llnw];

/// The description in V-CMD-11.
const NEED_AUTH: &str = "[ AccessManager.Reject ] : [ code=403 need auth; authmod=adobe ] : ";

fn client(password: &str) -> ClientAuth {
    ClientAuth::new(Credentials { user: "user".into(), password: password.into() })
}

fn passwords(user: &str) -> Option<String> {
    (user == "user").then(|| "pass".to_owned())
}

fn description(verdict: Verdict) -> String {
    match verdict {
        Verdict::Refused { description } => description,
        Verdict::Accepted { .. } => panic!("accepted"),
    }
}

/// Runs connections until the client gives up or is let in; also says how many there were.
fn run(server: &mut ServerAuth, client: &mut ClientAuth, app: &str) -> (Result<Verdict, AuthError>, usize) {
    for connection in 1.. {
        match server.check(&client.app(app), [connection as u8; 16], passwords) {
            accepted @ Verdict::Accepted { .. } => return (Ok(accepted), connection),
            Verdict::Refused { description } => {
                if let Err(error) = client.handle_refusal(app, &description, 0x2a) {
                    return (Err(error), connection);
                }
            }
        }
    }
    unreachable!()
}

#[test]
fn auth_01_02_03_both_roles_meet_within_three_connections() {
    for method in METHODS {
        for app in ["live", "live/inst", "live?vhost=a/b", "live/inst?x=1&y=2"] {
            let (verdict, connections) = run(&mut ServerAuth::new(method), &mut client("pass"), app);
            assert_eq!(verdict, Ok(Verdict::Accepted { user: "user".into(), app: app.into() }), "{method:?} {app}");
            assert_eq!(connections, 3);
        }
    }
}

#[test]
fn auth_01_a_server_asks_as_deployed_ones_do() {
    let mut server = ServerAuth::new(AuthMethod::Adobe);
    assert_eq!(description(server.check("live", [0; 16], passwords)), NEED_AUTH);
    assert_eq!(description(server.check("live?authmod=other&user=x", [0; 16], passwords)), NEED_AUTH);
}

#[test]
fn auth_02_03_the_client_says_what_a_deployed_server_expects() {
    let mut auth = client("pass");
    assert_eq!(auth.app("live"), "live");
    auth.handle_refusal("live", NEED_AUTH, 0x2a).unwrap();
    assert_eq!(auth.app("live"), "live?authmod=adobe&user=user");
    assert_eq!(auth.app("live?x=1"), "live?x=1&authmod=adobe&user=user");
    let mut other = auth.clone();

    let asked = "[ AccessManager.Reject ] : [ authmod=adobe ] : ?reason=needauth&user=user&salt=SALT&challenge=CHAL";
    auth.handle_refusal("live", &format!("{asked}&opaque=OPQ"), 0x2a).unwrap();
    let expected = "&challenge=0000002a&response=l12fBvJMI1ceCdC3IkNXmg==&opaque=OPQ";
    assert_eq!(auth.app("live"), format!("live?authmod=adobe&user=user{expected}"));

    other.handle_refusal("live", &format!("{asked}&opaque="), 0x2a).unwrap();
    let expected = "&challenge=0000002a&response=E4jlr67FA0X/xqyOAfojEg==";
    assert_eq!(other.app("live"), format!("live?authmod=adobe&user=user{expected}"));
}

/// The third connect of programs that were given user and password, and asked with these challenges.
#[test]
fn auth_04_08_what_deployed_clients_answered_is_right() {
    let challenge = "02".repeat(16);
    let recorded = [
        ("ffmpeg 5.1", AuthMethod::Adobe, "challenge=bdec1a8b&response=HrL79WOg/McSyNvYLtI6zw==&opaque="),
        (
            "librtmp 2.4 of Debian, with the rest of its buffer",
            AuthMethod::Adobe,
            "challenge=rOH4Qw==\u{fffd}CR\u{7}&response=irbOsA9ZV7qC8EAgn1bRcQ==\u{fffd}\u{13}&opaque=",
        ),
        ("rtmp2sink 1.22", AuthMethod::Adobe, "challenge=9a158fd2&response=6bOt/WRMKlaO7PN/DI1bjw==&opaque="),
        (
            "ffmpeg 5.1",
            AuthMethod::Llnw,
            "cnonce=50afedf7&nc=00000001&response=bec81e74a78cb10e7fdf8fb40226bdf8&nonce=",
        ),
        (
            "librtmp 2.4",
            AuthMethod::Llnw,
            "cnonce=43f8e1ac&nc=00000001&response=8b22238325db7da38842a9951a747b8d&nonce=",
        ),
    ];
    for (who, method, answer) in recorded {
        let mut server = ServerAuth::new(method);
        let asking = format!("live?authmod={}&user=user", method.name());
        assert!(description(server.check(&asking, [2; 16], passwords)).contains(&challenge));
        let verdict = server.check(&format!("{asking}&{answer}{challenge}"), [3; 16], passwords);
        assert_eq!(verdict, Verdict::Accepted { user: "user".into(), app: "live".into() }, "{who}");
    }
}

#[test]
fn auth_05_a_wrong_password_or_user_ends_it() {
    for method in METHODS {
        let (verdict, connections) = run(&mut ServerAuth::new(method), &mut client("wrong"), "live");
        assert_eq!((verdict, connections), (Err(AuthError::Failed), 3));
        let mut stranger = ClientAuth::new(Credentials { user: "nobody".into(), password: "pass".into() });
        assert_eq!(run(&mut ServerAuth::new(method), &mut stranger, "live").0, Err(AuthError::Failed));
    }
    let reason = |reason| client("pass").handle_refusal("live", &format!("[ authmod=adobe ] : ?reason={reason}"), 1);
    assert_eq!(reason("authfailed"), Err(AuthError::Failed));
    assert_eq!(reason("authfailed&opaque=vgoAAA=="), Err(AuthError::Failed));
    assert_eq!(reason("nosuchuser"), Err(AuthError::NoSuchUser));
}

#[test]
fn auth_07_08_09_llnw_says_what_a_deployed_server_expects() {
    let mut auth = client("pass");
    auth.handle_refusal("live/inst", "[ AccessManager.Reject ] : [ code=403 need auth; authmod=llnw ] : ", 1).unwrap();
    assert_eq!(auth.app("live/inst"), "live/inst?authmod=llnw&user=user");
    let asked = "[ AccessManager.Reject ] : [ authmod=llnw ] : ?reason=needauth&user=user&nonce=NONCE&x=y";
    auth.handle_refusal("live/inst", asked, 0x2a).unwrap();
    let expected = "&nonce=NONCE&cnonce=0000002a&nc=00000001&response=d1e1c8b052418d7b4e937768ca3126b3";
    assert_eq!(auth.app("live/inst"), format!("live/inst?authmod=llnw&user=user{expected}"));
}

#[test]
fn auth_11_values_may_hold_equals_signs() {
    let mut auth = client("pass");
    let asked = "[ authmod=adobe ] : ?reason=needauth&user=user&salt=ab==&challenge=vgoAAA==&opaque=vgoAAA==";
    auth.handle_refusal("live", asked, 1).unwrap();
    assert!(auth.app("live").ends_with("&opaque=vgoAAA=="));
}

#[test]
fn auth_12_it_ends_and_keeps_its_secrets() {
    let mut auth = client("hunter2");
    assert_eq!(auth.handle_refusal("live", "no such application", 1), Err(AuthError::NotAsked));
    assert_eq!(auth.handle_refusal("live", "[ code=403 need auth; authmod=rsa ]", 1), Err(AuthError::UnknownMethod));
    assert_eq!(
        auth.handle_refusal("live", "[ authmod=adobe ] : ?reason=needauth&user=u", 1),
        Err(AuthError::Missing("salt"))
    );
    assert_eq!(auth.app("live"), "live", "nothing was given away");
    auth.handle_refusal("live", NEED_AUTH, 1).unwrap();
    assert_eq!(auth.handle_refusal("live", NEED_AUTH, 1), Err(AuthError::TooManyAttempts));
    let asked = "[ authmod=llnw ] : ?reason=needauth&user=u&nonce=n0nce";
    auth.handle_refusal("live", asked, 1).unwrap();
    assert_eq!(auth.handle_refusal("live", asked, 1), Err(AuthError::TooManyAttempts));
    let debug = format!("{auth:?}");
    assert!(!debug.contains("hunter2") && !debug.contains("n0nce"), "{debug}");
}

#[test]
fn auth_13_a_challenge_is_good_for_one_answer() {
    for method in METHODS {
        let mut server = ServerAuth::new(method);
        let mut client = client("pass");
        assert!(run(&mut server, &mut client, "live").0.is_ok());
        // Played back, the same answer gets a new challenge instead.
        let again = description(server.check(&client.app("live"), [9; 16], passwords));
        assert!(again.contains("reason=needauth"), "{again}");
        // So does one to a challenge that was never given.
        let other = description(ServerAuth::new(method).check(&client.app("live"), [9; 16], passwords));
        assert!(other.contains("reason=needauth"), "{other}");
    }
}

#[test]
fn auth_13_outstanding_challenges_are_bounded() {
    let mut server = ServerAuth::new(AuthMethod::Adobe);
    let mut client = client("pass");
    client.handle_refusal("live", NEED_AUTH, 1).unwrap();
    let asked = description(server.check(&client.app("live"), [0xff; 16], passwords));
    client.handle_refusal("live", &asked, 1).unwrap();
    for number in 0..1024_u128 {
        server.check("live?authmod=adobe&user=flood", number.to_be_bytes(), passwords);
    }
    assert!(format!("{server:?}").contains("outstanding: 1024"), "{server:?}");
    let verdict = description(server.check(&client.app("live"), [1; 16], passwords));
    assert!(verdict.contains("needauth"), "the oldest was pushed out");
}

proptest! {
    #[test]
    fn any_app_and_description_end_without_panic(app in ".*", description in ".*", random: [u8; 16]) {
        for method in METHODS {
            let mut server = ServerAuth::new(method);
            server.check(&app, random, passwords);
            server.check(&format!("live?authmod={}&{app}", method.name()), random, passwords);
            let _ = client("pass").handle_refusal(&app, &description, 1);
            let asked = format!("authmod={} ?reason=needauth&{description}", method.name());
            let _ = client("pass").handle_refusal(&app, &asked, 1);
        }
    }

    #[test]
    fn every_user_and_password_that_fit_a_query_are_let_in(user in "[^&?=\\s]{1,20}", password in ".{0,20}", app in "[a-z/]{1,10}") {
        for method in METHODS {
            let mut server = ServerAuth::new(method);
            let mut client = ClientAuth::new(Credentials { user: user.clone(), password: password.clone() });
            let mut verdict = None;
            for connection in 0..3_u8 {
                match server.check(&client.app(&app), [connection; 16], |_| Some(password.clone())) {
                    Verdict::Refused { description } => client.handle_refusal(&app, &description, 7).unwrap(),
                    accepted => verdict = Some(accepted),
                }
            }
            prop_assert_eq!(verdict, Some(Verdict::Accepted { user: user.clone(), app: app.clone() }));
        }
    }
}
