//! Publisher authentication through sessions: each step is a connection of its own.
#![cfg(feature = "auth")]

mod support;

use std::time::UNIX_EPOCH;

use rtmp_session::auth::{AuthError, AuthMethod, ClientAuth, ServerAuth, Verdict};
use rtmp_session::{ClientEvent, ClientSession, Credentials, RtmpUrl, ServerEvent, ServerSession, SessionError};
use support::{client_config, drain, epoch, feed, server_config};

const URL: &str = "rtmp://user:pass@h/live/inst/key";

/// One connection from the start to the answer to connect. `Ok` with the application the server has let it into.
fn connect(url: &RtmpUrl, auth: &mut ServerAuth, nonce: u32) -> Result<String, SessionError> {
    let mut client = ClientSession::new(client_config(), url, epoch());
    let mut server = ServerSession::new(server_config(), epoch());
    let mut entered = None;
    loop {
        feed(&mut server, &drain(&mut client));
        // A refusal ends the server's side with an error of its own; what counts is what the client hears of it.
        while let Ok(Some(event)) = server.poll_event() {
            let ServerEvent::Connect(request) = event else { continue };
            match auth.check_request(&request, UNIX_EPOCH, nonce, |user| (user == "user").then(|| "pass".to_owned())) {
                Verdict::Accepted { app, .. } => {
                    entered = Some(app);
                    server.accept_connect(request).unwrap();
                }
                Verdict::Refused { description } => server.reject(request, &description).unwrap(),
            }
        }
        feed(&mut client, &drain(&mut server));
        while let Some(event) = client.poll_event()? {
            if matches!(event, ClientEvent::Connected) {
                return Ok(entered.expect("accepted by the server first"));
            }
        }
    }
}

fn publish(url: &RtmpUrl, credentials: Credentials, method: AuthMethod) -> Result<String, AuthError> {
    let mut server = ServerAuth::new(method, [3; 32]);
    let mut client = ClientAuth::new(credentials);
    for connection in 0.. {
        match connect(&client.url(url), &mut server, connection) {
            Ok(app) => return Ok(app),
            Err(SessionError::Refused(status)) => client.handle_status(url, &status, 0x2a)?,
            Err(other) => panic!("{other}"),
        }
    }
    unreachable!()
}

#[test]
fn auth_03_sessions_authenticate_from_the_url_in_three_connections() {
    let url: RtmpUrl = URL.parse().unwrap();
    for method in [AuthMethod::Adobe, AuthMethod::Llnw] {
        assert_eq!(publish(&url, url.credentials.clone().unwrap(), method), Ok("live/inst".to_owned()), "{method:?}");
    }
}

#[test]
fn auth_05_sessions_end_at_a_wrong_password() {
    let url: RtmpUrl = URL.parse().unwrap();
    let wrong = Credentials { user: "user".into(), password: "guess".into() };
    for method in [AuthMethod::Adobe, AuthMethod::Llnw] {
        assert_eq!(publish(&url, wrong.clone(), method), Err(AuthError::Failed), "{method:?}");
    }
}

#[test]
fn auth_03_parameters_stand_in_app_and_in_tc_url() {
    let url: RtmpUrl = URL.parse().unwrap();
    let mut client = ClientAuth::new(url.credentials.clone().unwrap());
    client.handle_refusal(&url.app, "[ code=403 need auth; authmod=adobe ]", 1).unwrap();
    let url = client.url(&url);
    assert_eq!(url.app, "live/inst?authmod=adobe&user=user");
    assert_eq!(url.tc_url(), "rtmp://h/live/inst?authmod=adobe&user=user");
    assert_eq!(url.stream, "key");
}
