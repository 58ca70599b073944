//! Shared objects through sessions, from the store of a server to the view of a client.

mod support;

use rtmp_session::{
    ClientEvent, ClientSession, Drive, MessageError, ServerEvent, ServerSession,
    amf::Value,
    chunk::{Message, MessageType},
    shared_object::{Access, Member, SharedObject, SharedObjectLimits, SharedObjectStore},
};
use support::{Peer, client_config, drain, epoch, feed, server_config};

/// A server with a store, and the members that are connected to it.
struct Room {
    store: SharedObjectStore,
    sessions: Vec<(ServerSession, ClientSession, SharedObject)>,
}

impl Room {
    fn new(members: usize) -> Self {
        let url = "rtmp://h/live".parse().unwrap();
        let member = |_| {
            let session = ServerSession::new(server_config(), epoch());
            let client = ClientSession::new(client_config(), &url, epoch());
            (session, client, SharedObject::new("scores", false, SharedObjectLimits::default()))
        };
        let mut room = Self {
            store: SharedObjectStore::new(SharedObjectLimits::default()),
            sessions: (0..members).map(member).collect(),
        };
        room.drive();
        room
    }

    /// Moves bytes and deliveries until nobody has anything to say.
    fn drive(&mut self) {
        loop {
            let mut moved = 0;
            for at in 0..self.sessions.len() {
                let (session, client, view) = &mut self.sessions[at];
                moved += carry(client, session) + carry(session, client);
                while let Some(event) = client.poll_event().unwrap() {
                    if let ClientEvent::SharedObject(message) = event {
                        view.handle(&message).unwrap();
                    }
                }
                let mut deliveries = Vec::new();
                while let Some(event) = session.poll_event().unwrap() {
                    match event {
                        ServerEvent::Connect(request) => session.accept_connect(request).unwrap(),
                        ServerEvent::SharedObject(message) => {
                            deliveries.extend(self.store.handle(Member(at as u64), &message, Access::ReadWrite));
                        }
                        other => panic!("{other:?}"),
                    }
                }
                for delivery in deliveries {
                    for Member(to) in delivery.to {
                        self.sessions[to as usize].0.send_shared_object(&delivery.message).unwrap();
                    }
                }
            }
            if moved == 0 {
                return;
            }
        }
    }
}

fn carry(from: &mut impl Drive, to: &mut impl Drive) -> usize {
    let bytes = drain(from);
    feed(to, &bytes);
    bytes.len()
}

#[test]
fn so_05_so_06_changes_reach_all_who_use_the_object() {
    let mut room = Room::new(3);
    for (_, client, view) in &mut room.sessions {
        client.send_shared_object(&view.connect()).unwrap();
    }
    room.drive();
    let (_, client, view) = &mut room.sessions[1];
    client.send_shared_object(&view.set("x", 7.0)).unwrap();
    room.drive();
    for (_, _, view) in &room.sessions {
        assert_eq!(view.get("x").and_then(Value::as_f64), Some(7.0));
    }
}

#[test]
fn so_02_a_message_that_is_cut_off_is_rejected() {
    let mut session = ServerSession::new(server_config(), epoch());
    let mut peer = Peer::client();
    let cut = Message {
        kind: MessageType::SHARED_OBJECT_AMF0,
        payload: b"\0\x03so".to_vec().into(),
        ..support::command(0, "", 0.0, &[])
    };
    peer.send(&cut); // before connect: means nothing
    peer.connect("live");
    peer.send(&cut);
    peer.talk(&mut session, |session, event| match event {
        ServerEvent::Connect(request) => session.accept_connect(request).unwrap(),
        other => panic!("{other:?}"),
    })
    .unwrap();
    let stats = session.stats();
    assert_eq!((stats.messages_ignored, stats.messages_rejected), (1, 1));
    assert!(matches!(stats.last_rejected, Some(MessageError::SharedObject(_))));
}
