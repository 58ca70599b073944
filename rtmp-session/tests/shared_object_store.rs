//! The server's side of shared objects: who is told what, and what is kept. See SO-5 to SO-10.

mod shared_object_support;
mod support;

use bytes::Bytes;
use rtmp_session::amf::Value;
use rtmp_session::shared_object::*;
use shared_object_support::*;

#[test]
fn so_05_a_new_user_is_told_the_present_state() {
    let mut store = store();
    let told = handle(&mut store, ALICE, vec![SharedObjectEvent::Use]);
    assert_eq!(gets(&told, ALICE), [SharedObjectEvent::UseSuccess, SharedObjectEvent::Clear]);
    handle(&mut store, ALICE, vec![request("b", "two"), request("a", 1)]);
    let told = handle(&mut store, BOB, vec![SharedObjectEvent::Use]);
    let expected = [SharedObjectEvent::UseSuccess, SharedObjectEvent::Clear, change("a", 1), change("b", "two")];
    assert_eq!(gets(&told, BOB), expected);
    assert!(gets(&told, ALICE).is_empty());
}

#[test]
fn so_05_the_state_comes_once_however_often_it_is_asked_for() {
    let mut store = store();
    let used = SharedObjectEvent::UseSuccess;
    let state = SharedObjectEvent::Clear;
    let told = handle(&mut store, ALICE, vec![SharedObjectEvent::Use, SharedObjectEvent::Use]);
    assert_eq!(gets(&told, ALICE), [used.clone(), state.clone(), used.clone()]);
    assert_eq!(gets(&handle(&mut store, ALICE, vec![SharedObjectEvent::Use]), ALICE), std::slice::from_ref(&used));
    let flapping = (0..100).flat_map(|_| [SharedObjectEvent::Release, SharedObjectEvent::Use]).collect();
    let told = gets(&handle(&mut store, ALICE, flapping), ALICE);
    assert_eq!((told.len(), told.iter().filter(|event| **event == state).count()), (101, 1));
}

#[test]
fn so_05_who_is_gone_again_is_told_no_state() {
    let mut store = store();
    handle(&mut store, BOB, vec![SharedObjectEvent::Use, request("x", 1)]);
    let told = handle(&mut store, ALICE, vec![SharedObjectEvent::Use, SharedObjectEvent::Release]);
    assert_eq!(gets(&told, ALICE), [SharedObjectEvent::UseSuccess]);
}

#[test]
fn so_06_to_remove_what_is_not_there_is_answered_and_tells_nobody_else() {
    let mut store = store();
    handle(&mut store, ALICE, vec![SharedObjectEvent::Use]);
    handle(&mut store, BOB, vec![SharedObjectEvent::Use]);
    let told = handle(&mut store, ALICE, vec![SharedObjectEvent::RequestRemove { key: "x".into() }]);
    assert_eq!(gets(&told, ALICE), [SharedObjectEvent::Remove { key: "x".into() }]);
    assert!(gets(&told, BOB).is_empty());
}

#[test]
fn so_10_a_name_may_be_as_long_as_the_limit() {
    let mut store = SharedObjectStore::new(SharedObjectLimits::default().max_name_len(10));
    for (name, fits) in [("0123456789", true), ("0123456789a", false)] {
        let message = SharedObjectMessage { name: name.into(), ..so1(0, vec![SharedObjectEvent::Use]) };
        let told = gets(&store.handle(ALICE, &message, Access::ReadWrite), ALICE);
        assert_eq!(told[0] == SharedObjectEvent::UseSuccess, fits, "{name}");
    }
}

#[test]
fn so_06_success_to_the_asker_and_change_to_all_others() {
    let mut store = store();
    handle(&mut store, ALICE, vec![SharedObjectEvent::Use]);
    handle(&mut store, BOB, vec![SharedObjectEvent::Use]);
    let told = handle(&mut store, ALICE, vec![request("x", 1)]);
    assert_eq!(gets(&told, ALICE), [SharedObjectEvent::Success { key: "x".into() }]);
    assert_eq!(gets(&told, BOB), [change("x", 1)]);
    let told = handle(&mut store, BOB, vec![SharedObjectEvent::RequestRemove { key: "x".into() }]);
    let removed = [SharedObjectEvent::Remove { key: "x".into() }];
    assert_eq!((gets(&told, ALICE), gets(&told, BOB)), (removed.to_vec(), removed.to_vec()));
    assert_eq!(store.get("so1", "x"), None);
}

#[test]
fn so_06_st_05_what_is_not_allowed_gets_a_status() {
    let mut store = store();
    let told = store.handle(ALICE, &so1(0, vec![SharedObjectEvent::Use]), Access::None);
    assert_eq!(gets(&told, ALICE), [status("SharedObject.NoReadAccess")]);
    store.handle(ALICE, &so1(0, vec![SharedObjectEvent::Use]), Access::Read);
    handle(&mut store, BOB, vec![SharedObjectEvent::Use]);
    let told = store.handle(ALICE, &so1(0, vec![request("x", 1), request("y", 1)]), Access::Read);
    assert_eq!(gets(&told, ALICE), vec![status("SharedObject.NoWriteAccess"); 2], "an answer to each request");
    assert!(gets(&told, BOB).is_empty());
    let told = handle(&mut store, Member(3), vec![request("x", 1)]);
    assert_eq!(gets(&told, Member(3)), [status("SharedObject.NoWriteAccess")], "only users may change it");
    let persistent = SharedObjectMessage { persistent: true, ..so1(0, vec![SharedObjectEvent::Use]) };
    let told = store.handle(Member(3), &persistent, Access::ReadWrite);
    assert_eq!(gets(&told, Member(3)), [status("SharedObject.BadPersistence")]);
}

#[test]
fn so_07_messages_reach_all_users_the_sender_included() {
    let mut store = store();
    handle(&mut store, ALICE, vec![SharedObjectEvent::Use]);
    handle(&mut store, BOB, vec![SharedObjectEvent::Use]);
    let hello = SharedObjectEvent::SendMessage { handler: "hello".into(), args: vec![5.into()] };
    let told = handle(&mut store, ALICE, vec![hello.clone()]);
    assert_eq!((gets(&told, ALICE), gets(&told, BOB)), (vec![hello.clone()], vec![hello.clone()]));
    assert!(handle(&mut store, Member(3), vec![hello]).is_empty(), "only users may send");
}

#[test]
fn so_08_a_servers_events_from_a_client_are_ignored() {
    let mut store = store();
    handle(&mut store, ALICE, vec![SharedObjectEvent::Use]);
    handle(&mut store, BOB, vec![SharedObjectEvent::Use, request("x", 1)]);
    let events = vec![
        SharedObjectEvent::Clear,
        change("x", 2),
        SharedObjectEvent::Remove { key: "x".into() },
        SharedObjectEvent::UseSuccess,
        status("SharedObject.NoWriteAccess"),
        SharedObjectEvent::Unknown { kind: 77, data: Bytes::new() },
    ];
    assert!(handle(&mut store, ALICE, events).is_empty());
    assert_eq!(store.get("so1", "x"), Some(&1.into()));
}

#[test]
fn so_09_the_version_grows_with_every_accepted_change() {
    let mut store = store();
    handle(&mut store, ALICE, vec![SharedObjectEvent::Use]);
    let told = handle(&mut store, ALICE, vec![request("x", 1)]);
    assert_eq!(told[0].message.version, 1);
    let told = handle(&mut store, ALICE, vec![request("x", 2), request("y", 2)]);
    assert_eq!(told[0].message.version, 3);
    store.handle(ALICE, &so1(0, vec![request("x", 3)]), Access::Read);
    assert_eq!(store.properties("so1").unwrap().0, 3, "a refused change does not count");
}

#[test]
fn so_09_the_version_grows_when_properties_are_removed() {
    let mut store = store();
    let version = |told: &[Delivery]| told[0].message.version;
    let remove = |key: &str| SharedObjectEvent::RequestRemove { key: key.into() };
    let told = handle(&mut store, ALICE, vec![SharedObjectEvent::Use, request("x", 1), request("y", 1)]);
    assert_eq!(version(&told), 2);
    assert_eq!(version(&handle(&mut store, ALICE, vec![remove("x")])), 3, "by a client");
    assert_eq!(version(&handle(&mut store, ALICE, vec![remove("x")])), 3, "there was none");
    assert_eq!(version(&store.remove("so1", "y").unwrap()), 4, "by the server");
    assert_eq!(version(&store.clear("so1").unwrap()), 5);
    assert_eq!(version(&store.set("so1", "x", 1).unwrap()), 6);
    assert_eq!(store.properties("so1").unwrap().0, 6);
}

#[test]
fn a_temporary_object_ends_with_its_last_user_and_a_persistent_one_stays() {
    for persistent in [false, true] {
        let mut store = store();
        let message = SharedObjectMessage { persistent, ..so1(0, vec![SharedObjectEvent::Use, request("x", 1)]) };
        store.handle(ALICE, &message, Access::ReadWrite);
        store.handle(
            BOB,
            &SharedObjectMessage { persistent, ..so1(0, vec![SharedObjectEvent::Use]) },
            Access::ReadWrite,
        );
        store.leave(ALICE);
        assert_eq!(store.get("so1", "x"), Some(&1.into()));
        handle(&mut store, BOB, vec![SharedObjectEvent::Release]);
        assert_eq!(store.get("so1", "x").is_some(), persistent);
        assert_eq!(store.objects().count(), usize::from(persistent));
    }
}

#[test]
fn so_10_a_persistent_object_that_was_only_asked_for_goes_with_its_users() {
    let limits = SharedObjectLimits::default();
    let mut store = SharedObjectStore::new(limits.clone());
    let ask = |store: &mut SharedObjectStore, number: usize, access| {
        let name = format!("made up {number}").as_str().into();
        let message = SharedObjectMessage { name, persistent: true, ..so1(0, vec![SharedObjectEvent::Use]) };
        assert_eq!(gets(&store.handle(ALICE, &message, access), ALICE)[0], SharedObjectEvent::UseSuccess);
        message
    };
    for number in 0..2 * limits.max_objects {
        let message = ask(&mut store, number, Access::Read);
        if number % 2 == 0 {
            store.leave(ALICE);
        } else {
            store.handle(
                ALICE,
                &SharedObjectMessage { events: vec![SharedObjectEvent::Release], ..message },
                Access::Read,
            );
        }
    }
    assert_eq!(store.objects().count(), 0);

    // What the server has put there stays, empty or not; so does what was written once, and removed again.
    store.restore("restored", 0, []);
    let message = ask(&mut store, 1, Access::ReadWrite);
    for event in [request("x", 1), SharedObjectEvent::RequestRemove { key: "x".into() }] {
        store.handle(ALICE, &SharedObjectMessage { events: vec![event], ..message.clone() }, Access::ReadWrite);
    }
    ask(&mut store, 2, Access::Read);
    store.clear("made up 2").unwrap();
    store.leave(ALICE);
    let kept: Vec<_> = store.objects().map(|(name, persistent)| (name.as_str(), persistent)).collect();
    assert_eq!(kept, [("made up 1", true), ("made up 2", true), ("restored", true)]);
}

#[test]
fn a_persistent_object_survives_a_restart_through_its_caller() {
    let mut store = store();
    let message = SharedObjectMessage { persistent: true, ..so1(0, vec![SharedObjectEvent::Use, request("x", 1)]) };
    store.handle(ALICE, &message, Access::ReadWrite);
    let (version, properties) = store.properties("so1").unwrap();
    let saved: Vec<_> = properties.map(|(key, value)| (key.clone(), value.clone())).collect();

    let mut restarted = SharedObjectStore::new(SharedObjectLimits::default());
    assert_eq!(restarted.restore("so1", version, saved.clone()), 1);
    assert_eq!(restarted.restore("so1", version, saved), 0, "it is there already");
    let message = SharedObjectMessage { persistent: true, ..so1(0, vec![SharedObjectEvent::Use]) };
    let told = restarted.handle(BOB, &message, Access::ReadWrite);
    assert_eq!(gets(&told, BOB)[2..], [change("x", 1)]);
    assert_eq!(told[0].message.version, 1);
}

#[test]
fn the_server_changes_objects_itself() {
    let mut store = store();
    assert_eq!(store.set("so1", "x", 1), None);
    handle(&mut store, ALICE, vec![SharedObjectEvent::Use]);
    assert_eq!(gets(&store.set("so1", "x", 1).unwrap(), ALICE), [change("x", 1)]);
    let expected = SharedObjectEvent::SendMessage { handler: "hi".into(), args: vec![] };
    assert_eq!(gets(&store.send("so1", "hi", vec![]), ALICE), [expected]);
    assert_eq!(gets(&store.remove("so1", "x").unwrap(), ALICE), [SharedObjectEvent::Remove { key: "x".into() }]);
    assert_eq!(store.remove("so1", "x"), None);
    store.set("so1", "y", 1);
    assert_eq!(gets(&store.clear("so1").unwrap(), ALICE), [SharedObjectEvent::Clear]);
    assert_eq!(store.properties("so1").unwrap().1.count(), 0);
}

#[test]
fn members_are_answered_in_the_form_they_speak() {
    let mut store = store();
    handle(&mut store, ALICE, vec![SharedObjectEvent::Use]);
    let amf3 = SharedObjectMessage { form: SharedObjectForm::Amf3, ..so1(0, vec![SharedObjectEvent::Use]) };
    let told = store.handle(BOB, &amf3, Access::ReadWrite);
    assert_eq!(told[0].message.form, SharedObjectForm::Amf3);
    let told = store.set("so1", "x", 1).unwrap();
    let forms: Vec<_> = told.iter().map(|d| (d.message.form, d.to.clone())).collect();
    assert_eq!(forms, [(SharedObjectForm::Amf0, vec![ALICE]), (SharedObjectForm::Amf3, vec![BOB])]);
}

#[test]
fn so_10_objects_uses_properties_and_bytes_are_bounded() {
    let limits = SharedObjectLimits::default()
        .max_objects(3)
        .max_objects_per_member(2)
        .max_properties(2)
        .max_bytes(100)
        .max_name_len(10);
    let mut store = SharedObjectStore::new(limits);
    let mut join = |member, name: &str| {
        let message = SharedObjectMessage { name: name.into(), ..so1(0, vec![SharedObjectEvent::Use]) };
        gets(&store.handle(member, &message, Access::ReadWrite), member)[0].clone()
    };
    let full = status("SharedObject.ObjectCreationFailed");
    assert_eq!(join(ALICE, "so1"), SharedObjectEvent::UseSuccess);
    assert_eq!(join(ALICE, "b"), SharedObjectEvent::UseSuccess);
    assert_eq!(join(ALICE, "c"), full, "two uses for each member");
    assert_eq!(join(BOB, "much too long"), full);
    assert_eq!(join(BOB, "c"), SharedObjectEvent::UseSuccess);
    assert_eq!(join(BOB, "d"), full, "three objects");
    assert_eq!(join(BOB, "b"), SharedObjectEvent::UseSuccess, "to use one that is there is no creation");

    let told = handle(&mut store, ALICE, vec![request("x", 1), request("y", 1), request("z", 1), request("x", 2)]);
    let expected = ["x", "y"].map(|key| SharedObjectEvent::Success { key: key.into() });
    assert_eq!(gets(&told, ALICE)[..2], expected);
    assert_eq!(gets(&told, ALICE)[2], status("SharedObject.NoWriteAccess"), "two properties");
    assert_eq!(gets(&told, ALICE)[3], expected[0], "one that is there may change");
    let told = handle(&mut store, ALICE, vec![request("x", "a".repeat(90))]);
    assert_eq!(gets(&told, ALICE), [status("SharedObject.NoWriteAccess")]);
    assert_eq!(store.get("so1", "x"), Some(&2.into()), "refused, it stays as it was");
    let told = handle(&mut store, ALICE, vec![request("x", "a".repeat(80))]);
    assert_eq!(gets(&told, ALICE), [expected[0].clone()]);
}

#[test]
fn so_10_bytes_are_those_of_all_objects_of_a_store() {
    let mut store = SharedObjectStore::new(SharedObjectLimits::default().max_bytes(100));
    assert_eq!((store.restore("a", 1, []), store.restore("b", 1, [])), (0, 0));
    // A number takes 12 bytes with its key, a text 6 more than it is long.
    let mut fits = |name, key, value: &str| store.set(name, key, value).is_some();
    assert!(fits("a", "x", &"t".repeat(75)) && fits("b", "x", "123456"));
    assert!(!fits("b", "y", "12"), "101 bytes");
    assert!(fits("b", "y", "1"), "100 bytes");
    assert!(!fits("a", "y", "") && !fits("b", "y", "12"));
    assert!(fits("b", "x", "12345") && fits("b", "y", "12"), "what one gives up the other may have");
    assert!(store.remove("a", "x").is_some());
    assert!(store.set("b", "z", "t".repeat(75)).is_some(), "what is removed no longer counts");

    let saved = [("x", "t".repeat(6)), ("y", "t".repeat(89)), ("z", "t".repeat(76))];
    let saved = || saved.clone().map(|(key, value)| (key.into(), value.into()));
    assert_eq!(store.restore("full", 1, saved()), 0);
    assert!(store.clear("b").is_some());
    assert_eq!(store.restore("saved", 7, saved()), 2, "x and z are 94 bytes, y does not fit");
    let (version, kept) = store.properties("saved").unwrap();
    assert!(version == 7 && kept.map(|(key, _)| key.as_str()).eq(["x", "z"]));
}

#[test]
fn so_10_what_has_no_wire_format_is_not_kept() {
    let mut store = store();
    store.restore("a", 1, []);
    assert!(store.set("a", &"k".repeat(65_535), 1).is_some());
    assert!(store.set("a", &"k".repeat(65_536), 1).is_none(), "a key has a length of two bytes");
    let deep = (0..200).fold(Value::Null, |value, _| vec![value].into());
    assert!(store.set("a", "x", deep).is_none());
    assert_eq!(store.properties("a").unwrap().0, 2, "and is no change");
}
