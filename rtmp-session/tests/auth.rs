//! Publisher authentication, both roles against each other and against what deployed peers say.
#![cfg(feature = "auth")]

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use proptest::prelude::*;
use rtmp_session::Credentials;
use rtmp_session::auth::{AuthError, AuthMethod, ClientAuth, ServerAuth, Verdict};

const METHODS: [AuthMethod; 2] = [AuthMethod::Adobe, AuthMethod::Llnw];

/// The description in V-CMD-11.
const NEED_AUTH: &str = "[ AccessManager.Reject ] : [ code=403 need auth; authmod=adobe ] : ";

const KEY: [u8; 32] = [5; 32];

fn server(method: AuthMethod) -> ServerAuth {
    ServerAuth::new(method, KEY)
}

/// Seconds into some day.
fn time(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_700_000_000 + seconds)
}

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
fn run(server: &mut ServerAuth, client: &mut ClientAuth, app: &str) -> (Result<Verdict, AuthError>, u32) {
    for connection in 1.. {
        match server.check(&client.app(app), time(0), connection, passwords) {
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
            let (verdict, connections) = run(&mut server(method), &mut client("pass"), app);
            assert_eq!(verdict, Ok(Verdict::Accepted { user: "user".into(), app: app.into() }), "{method:?} {app}");
            assert_eq!(connections, 3);
        }
    }
}

#[test]
fn auth_01_a_server_asks_as_deployed_ones_do() {
    let mut server = server(AuthMethod::Adobe);
    assert_eq!(description(server.check("live", time(0), 0, passwords)), NEED_AUTH);
    assert_eq!(description(server.check("live?authmod=other&user=x", time(0), 0, passwords)), NEED_AUTH);
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

#[test]
fn auth_05_a_wrong_password_or_user_ends_it() {
    for method in METHODS {
        let (verdict, connections) = run(&mut server(method), &mut client("wrong"), "live");
        assert_eq!((verdict, connections), (Err(AuthError::Failed), 3));
        let mut stranger = ClientAuth::new(Credentials { user: "nobody".into(), password: "pass".into() });
        assert_eq!(run(&mut server(method), &mut stranger, "live").0, Err(AuthError::Failed));
    }
    let reason = |reason| client("pass").handle_refusal("live", &format!("[ authmod=adobe ] : ?reason={reason}"), 1);
    assert_eq!(reason("authfailed"), Err(AuthError::Failed));
    assert_eq!(reason("authfailed&opaque=vgoAAA=="), Err(AuthError::Failed));
    assert_eq!(reason("nosuchuser"), Err(AuthError::NoSuchUser));
}

#[test]
fn auth_05_an_unknown_user_is_not_let_in_with_an_empty_password() {
    for method in METHODS {
        let mut stranger = ClientAuth::new(Credentials { user: "nobody".into(), password: String::new() });
        assert_eq!(run(&mut server(method), &mut stranger, "live"), (Err(AuthError::Failed), 3), "{method:?}");
        // A user whose password is empty is somebody.
        let mut known = client("");
        for connection in 1..=3 {
            match server(method).check(&known.app("live"), time(0), connection, |_| Some(String::new())) {
                Verdict::Accepted { user, .. } => assert_eq!((user.as_str(), connection), ("user", 3)),
                Verdict::Refused { description } => known.handle_refusal("live", &description, 1).unwrap(),
            }
        }
    }
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

/// The client's third connect, which answers the challenge it got at `time`.
fn answer(server: &mut ServerAuth, method: AuthMethod, now: SystemTime, nonce: u32) -> String {
    let mut client = client("pass");
    client.handle_refusal("live", &NEED_AUTH.replace("adobe", method.name()), 1).unwrap();
    let asked = description(server.check(&client.app("live"), now, nonce, passwords));
    client.handle_refusal("live", &asked, 1).unwrap();
    client.app("live")
}

fn is_accepted(server: &mut ServerAuth, app: &str, now: SystemTime) -> bool {
    matches!(server.check(app, now, 0xff, passwords), Verdict::Accepted { .. })
}

#[test]
fn auth_02_07_challenges_are_as_long_as_clients_were_recorded_with() {
    for method in METHODS {
        let asking = format!("live?authmod={}&user=user", method.name());
        let asked = description(server(method).check(&asking, time(0), u32::MAX, passwords));
        let values = asked.split('&').filter_map(|pair| pair.split_once('='));
        let longest = values.map(|(_, value)| value.len()).max();
        assert_eq!(longest, Some(32), "{asked}");
    }
}

#[test]
fn auth_13_a_challenge_is_good_for_one_right_answer() {
    for method in METHODS {
        let mut server = server(method);
        let (first, second) = (answer(&mut server, method, time(0), 1), answer(&mut server, method, time(0), 2));
        let wrong = first.replace("response=", "response=x");
        assert!(description(server.check(&wrong, time(1), 9, passwords)).contains("authfailed"));
        assert!(is_accepted(&mut server, &first, time(1)), "no stranger can use up what was given to another");
        // Played back, the same answer gets a new challenge instead.
        let again = description(server.check(&first, time(1), 9, passwords));
        assert!(again.contains("reason=needauth"), "{again}");
        assert!(is_accepted(&mut server, &second, time(2)));
        for used in [&first, &second] {
            assert!(!is_accepted(&mut server, used, time(3)), "one does not make another forgotten");
        }
    }
}

#[test]
fn auth_13_a_challenge_is_good_for_its_user_app_method_key_and_time_alone() {
    for method in METHODS {
        let mut server = server(method);
        let good = answer(&mut server, method, time(0), 1);
        let asks_again = |server: &mut ServerAuth, app: &str, now| {
            let answer = description(server.check(app, now, 9, |_| Some("pass".into())));
            assert!(answer.contains("reason=needauth"), "{answer}");
        };
        asks_again(&mut server, &good.replace("user=user", "user=other"), time(0));
        asks_again(&mut server, &good.replace("live?", "live/other?"), time(0));
        asks_again(&mut ServerAuth::new(method, [6; 32]), &good, time(0));
        asks_again(&mut server, &good, time(61));
        asks_again(&mut server.clone().lifetime(Duration::from_secs(9)), &good, time(10));
        let flipped = good.replace('f', "e");
        assert_ne!(flipped, good);
        assert!(!is_accepted(&mut server, &flipped, time(0)));
        // Another server with the same key, whose clock is a little behind.
        assert!(is_accepted(&mut self::server(method), &good, time(0) - Duration::from_secs(5)));
        assert!(is_accepted(&mut server, &good, time(60)));
    }
}

#[test]
fn auth_13_a_challenge_that_was_never_given_is_good_for_nothing() {
    // Answered rightly, with the password: too short, without a time, with one that is none, cut inside a character.
    let made_up = ["x", "0123456", "0123456789abcdef", "0123456789abcdef0000002a", "0123456789abcdefzzzzzzzzzzzzzzzz"];
    let odd = ["0123456789abcde\u{e9}0000000000000000", "0123456789abcdef0000002\u{e9}0000000"];
    let all = [&made_up[..], &odd].concat();
    for (method, challenge) in METHODS.into_iter().flat_map(|method| all.iter().map(move |text| (method, text))) {
        let mut client = client("pass");
        let asked = format!("reason=needauth&user=user&salt={0:.8}&challenge={0}&opaque={0}&nonce={0}", challenge);
        client.handle_refusal("live", &format!("[ authmod={} ] : ?{asked}", method.name()), 1).unwrap();
        let answer = description(server(method).check(&client.app("live"), time(0), 9, passwords));
        assert!(answer.contains("reason=needauth"), "{method:?} {challenge}: {answer}");
    }
}

#[test]
fn auth_13_a_challenge_of_the_future_is_as_old_as_one_of_the_past() {
    // The clock was set back, or that of another server with the same key is ahead.
    for method in METHODS {
        let mut server = server(method);
        let good = answer(&mut server, method, time(100), 1);
        assert!(!is_accepted(&mut server, &good, time(39)), "61 s ahead");
        assert!(is_accepted(&mut server, &good, time(40)), "60 s ahead");
    }
}

#[test]
fn auth_13_strangers_cannot_make_challenges_of_others_fail() {
    for method in METHODS {
        let mut server = server(method);
        let good = answer(&mut server, method, time(0), 1);
        for number in 0..10_000 {
            server.check(&format!("live?authmod={}&user=flood", method.name()), time(1), number, passwords);
            server.check(&good.replace("response=", "response=x"), time(1), number, passwords);
        }
        assert!(is_accepted(&mut server, &good, time(2)));
    }
}

#[test]
fn auth_13_what_is_remembered_is_bounded() {
    let method = AuthMethod::Llnw;
    let mut server = server(method);
    let apps: Vec<_> = (0..4200).map(|number| answer(&mut server, method, time(0), number)).collect();
    let memory = allocation_counter::measure(|| {
        for app in &apps {
            assert!(is_accepted(&mut server, app, time(0)));
        }
    });
    assert!(!is_accepted(&mut server, &apps[4200 - 4096], time(0)), "the latest 4096 are remembered");
    assert!(is_accepted(&mut server, &apps[4200 - 4097], time(0)), "and no more");
    assert!(memory.bytes_current < 512 << 10, "{memory:?} for those who know a password");
    let app = answer(&mut server, method, time(100), 1);
    assert!(is_accepted(&mut server, &app, time(100)));
    assert!(!is_accepted(&mut server, &app, time(100)), "the others have expired, this one is remembered");
}

proptest! {
    #[test]
    fn any_app_and_description_end_without_panic(app in ".*", description in ".*", nonce: u32) {
        for method in METHODS {
            let mut server = server(method);
            server.check(&app, time(0), nonce, passwords);
            server.check(&format!("live?authmod={}&{app}", method.name()), time(0), nonce, passwords);
            let _ = client("pass").handle_refusal(&app, &description, 1);
            let asked = format!("authmod={} ?reason=needauth&{description}", method.name());
            let _ = client("pass").handle_refusal(&app, &asked, 1);
        }
    }

    #[test]
    fn every_user_and_password_that_fit_a_query_are_let_in(user in "[^&?=\\s]{1,20}", password in ".{0,20}", app in "[a-z/]{1,10}") {
        for method in METHODS {
            let mut server = server(method);
            let mut client = ClientAuth::new(Credentials { user: user.clone(), password: password.clone() });
            let mut verdict = None;
            for connection in 0..3_u8 {
                match server.check(&client.app(&app), time(0), connection.into(), |_| Some(password.clone())) {
                    Verdict::Refused { description } => client.handle_refusal(&app, &description, 7).unwrap(),
                    accepted => verdict = Some(accepted),
                }
            }
            prop_assert_eq!(verdict, Some(Verdict::Accepted { user: user.clone(), app: app.clone() }));
        }
    }
}
