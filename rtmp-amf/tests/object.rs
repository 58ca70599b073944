//! Members of an object: in order, and the last of a name counts (AMF0-8).

use rtmp_amf::{AmfString, Object, Value};

fn names(object: &Object) -> Vec<&str> {
    object.iter().map(|(name, _)| name.as_str()).collect()
}

#[test]
fn amf0_8_the_last_member_of_a_name_is_read_and_replaced_in_its_place() {
    let mut object = Object::new().with("a", 1).with("b", 2).with("a", 3);
    assert_eq!((object.get("a"), &object["b"], &object["c"]), (Some(&3.into()), &2.into(), &Value::Undefined));
    object.set("a", 4);
    object.set("c", 5);
    assert_eq!(names(&object), ["a", "b", "a", "c"]);
    assert_eq!((&object.entries[0].1, &object["a"]), (&1.into(), &4.into()));
    *object.get_mut("b").unwrap() = "text".into();
    assert_eq!(object["b"], "text");
    assert_eq!(object.get_mut("d"), None);
}

#[test]
fn removing_takes_every_member_of_the_name() {
    let mut object = Object::new().with("a", 1).with("b", 2).with("a", 3);
    assert_eq!(object.remove("a"), Some(3.into()));
    assert_eq!((object.remove("a"), names(&object), object.len()), (None, vec!["b"], 1));
    assert_eq!(object.remove("b"), Some(2.into()));
    assert!(object.is_empty());
}

#[test]
fn an_object_is_made_of_pairs_and_taken_apart_into_them() {
    let mut object: Object = [("a", 1), ("b", 2)].into_iter().collect();
    object.extend([("c", "x")]);
    assert_eq!(names(&object), ["a", "b", "c"]);
    assert!(object.iter().rev().map(|(name, _)| name.as_str()).eq(["c", "b", "a"]));
    let pairs: Vec<(AmfString, Value)> = object.into_iter().collect();
    assert_eq!(pairs[2], ("c".into(), "x".into()));
}

#[test]
fn a_class_without_a_name_is_none() {
    assert_eq!(Object::new().with_class("Point").class(), Some("Point"));
    assert_eq!(Object::new().with_class("").class(), None);
    assert_eq!(Object::new().class(), None);
}
