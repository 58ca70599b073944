//! A client's view of a shared object, alone and behind a store. See SO-6, SO-8, SO-9, ST-5.

mod shared_object_support;
mod support;

use proptest::prelude::*;
use rtmp_session::shared_object::*;
use shared_object_support::*;

#[test]
fn so_09_a_follower_takes_the_servers_version_and_waits_for_its_word() {
    let mut view = SharedObject::new("so1", false, SharedObjectLimits::default());
    assert_eq!(view.connect().to_message().unwrap().payload, vector("V-SO-01"));
    assert!(!view.is_connected());
    let updates = view.handle(&decode(vector("V-SO-02")).unwrap()).unwrap();
    assert_eq!(updates, [SharedObjectUpdate::Connected, SharedObjectUpdate::Cleared]);
    assert!(view.is_connected());
    assert_eq!(view.set("x", 1).to_message().unwrap().payload, vector("V-SO-03"));
    assert_eq!(view.get("x"), None);
    let updates = view.handle(&decode(vector("V-SO-04")).unwrap()).unwrap();
    assert_eq!(updates, [SharedObjectUpdate::Accepted("x".into())]);
    assert_eq!((view.get("x"), view.version()), (Some(&1.into()), 2));
    let other = SharedObjectMessage { name: "other".into(), ..so1(9, vec![SharedObjectEvent::Clear]) };
    assert!(view.handle(&other).unwrap().is_empty());
    assert_eq!((view.get("x"), view.version()), (Some(&1.into()), 2));
}

#[test]
fn a_refused_change_is_given_up_and_no_other() {
    let mut view = SharedObject::new("so1", false, SharedObjectLimits::default());
    view.set("x", 1);
    view.set("x", 2);
    let updates = view.handle(&so1(1, vec![status("SharedObject.NoWriteAccess")])).unwrap();
    assert!(matches!(&updates[..], [SharedObjectUpdate::Status { code, .. }] if *code == "SharedObject.NoWriteAccess"));
    assert_eq!(view.get("x"), None);
    view.handle(&so1(2, vec![SharedObjectEvent::Success { key: "x".into() }])).unwrap();
    assert_eq!(view.get("x"), Some(&2.into()));
    // One success more than there were requests changes nothing.
    assert!(view.handle(&so1(2, vec![SharedObjectEvent::Success { key: "x".into() }])).unwrap().is_empty());
}

#[test]
fn so_06_answers_come_in_order() {
    let view = || SharedObject::new("so1", false, SharedObjectLimits::default());
    let success = |key: &str| so1(2, vec![SharedObjectEvent::Success { key: key.into() }]);
    let accepted = |key: &str| vec![SharedObjectUpdate::Accepted(key.into())];
    // Another client's removal comes first: ours is behind the oldest request, so it is not meant.
    let mut behind = view();
    drop((behind.set("x", 1), behind.remove("y")));
    behind.handle(&so1(1, vec![SharedObjectEvent::Remove { key: "y".into() }])).unwrap();
    assert_eq!(behind.handle(&success("x")).unwrap(), accepted("x"));
    // What was asked for before something that is answered was passed over.
    let mut passed = view();
    drop((passed.set("x", 1), passed.set("y", 2)));
    assert_eq!(passed.handle(&success("y")).unwrap(), accepted("y"));
    assert_eq!((passed.handle(&success("x")).unwrap(), passed.get("x")), (vec![], None));
    // Only an error gives a request up.
    let mut warned = view();
    drop(warned.set("x", 1));
    let (code, level) = ("SharedObject.NoWriteAccess".into(), "warning".into());
    warned.handle(&so1(1, vec![SharedObjectEvent::Status { code, level }])).unwrap();
    assert_eq!(warned.handle(&success("x")).unwrap(), accepted("x"));
}

#[test]
fn a_closed_view_has_forgotten_its_properties() {
    let mut view = SharedObject::new("so1", false, SharedObjectLimits::default());
    view.handle(&so1(1, vec![SharedObjectEvent::UseSuccess, change("x", 1)])).unwrap();
    assert_eq!(view.close().events, [SharedObjectEvent::Release]);
    assert_eq!((view.is_connected(), view.get("x"), view.iter().count()), (false, None, 0));
}

#[test]
fn st_5_what_is_said_of_saving_to_a_disk_answers_no_request() {
    let mut view = SharedObject::new("so1", true, SharedObjectLimits::default());
    view.set("x", 1);
    let updates = view.handle(&so1(1, vec![status("SharedObject.Flush.Failed")])).unwrap();
    assert!(matches!(&updates[..], [SharedObjectUpdate::Status { code, .. }] if *code == "SharedObject.Flush.Failed"));
    let updates = view.handle(&so1(2, vec![SharedObjectEvent::Success { key: "x".into() }])).unwrap();
    assert_eq!(updates, [SharedObjectUpdate::Accepted("x".into())]);
    assert_eq!(view.get("x"), Some(&1.into()));
}

#[test]
fn answers_to_requests_before_a_close_do_not_count() {
    let mut view = SharedObject::new("so1", false, SharedObjectLimits::default());
    view.connect();
    view.set("x", 1);
    view.close();
    view.connect();
    view.set("x", 2);
    let success = SharedObjectEvent::Success { key: "x".into() };
    let updates = view.handle(&so1(1, vec![SharedObjectEvent::UseSuccess, success.clone()])).unwrap();
    assert!(updates.is_empty() && !view.is_connected() && view.get("x").is_none());
    view.handle(&so1(2, vec![SharedObjectEvent::UseSuccess, SharedObjectEvent::Clear, success])).unwrap();
    assert_eq!((view.is_connected(), view.get("x")), (true, Some(&2.into())));
}

#[test]
fn so_08_a_clients_events_from_a_server_are_ignored() {
    let mut view = SharedObject::new("so1", false, SharedObjectLimits::default());
    let events = vec![SharedObjectEvent::Use, request("x", 1), SharedObjectEvent::RequestRemove { key: "x".into() }];
    assert!(view.handle(&so1(1, events)).unwrap().is_empty());
    assert_eq!(view.iter().count(), 0);
}

#[test]
fn a_follower_is_bounded_too() {
    let mut view = SharedObject::new("so1", false, SharedObjectLimits::default().max_properties(1).max_bytes(50));
    view.handle(&so1(1, vec![change("x", 1)])).unwrap();
    let error = view.handle(&so1(1, vec![change("y", 1)])).unwrap_err();
    assert_eq!(error, SharedObjectError::Limit { what: "properties of a shared object", value: 2, max: 1 });
    assert!(view.handle(&so1(1, vec![change("x", "a".repeat(50))])).is_err());
    assert_eq!(view.get("x"), Some(&1.into()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Any messages of any clients: in the end, everyone who follows the object sees what the store holds, and the store
    /// never holds more than it may.
    #[test]
    fn every_follower_ends_with_the_state_of_the_store(
        turns in prop::collection::vec((0..3_u64, prop::collection::vec(event(), 1..4)), 0..30),
    ) {
        let limits = SharedObjectLimits::default().max_properties(3).max_bytes(300);
        let mut store = SharedObjectStore::new(limits.clone());
        // As large as the store, or a follower would give up.
        let mut views = [(); 3].map(|()| SharedObject::new("so1", false, limits.clone()));
        for (member, events) in turns {
            let view = &mut views[member as usize];
            // Tell the view what is asked for, as if the program had.
            for event in &events {
                match event {
                    SharedObjectEvent::Use => drop(view.connect()),
                    SharedObjectEvent::RequestChange { key, value } => drop(view.set(key, value.clone())),
                    SharedObjectEvent::RequestRemove { key } => drop(view.remove(key)),
                    SharedObjectEvent::Release => drop(view.close()),
                    _ => {}
                }
            }
            for Delivery { to, message } in store.handle(Member(member), &so1(0, events), Access::ReadWrite) {
                // Over the wire and back.
                let message = SharedObjectMessage::decode(&message.to_message().unwrap(), &limits).unwrap();
                for member in to {
                    views[member.0 as usize].handle(&message).unwrap();
                }
            }
            let held: Vec<_> = store.properties("so1").map(|(_, all)| all.collect()).unwrap_or_default();
            prop_assert!(held.len() <= 3);
            for view in views.iter().filter(|view| view.is_connected()) {
                prop_assert_eq!(&view.iter().collect::<Vec<_>>(), &held);
            }
        }
    }
}
