//! Shared objects: named sets of properties that a server keeps and clients follow (message types 16 and 19).
//!
//! A client *uses* an object, is told its present properties, and from then on every change, until it *releases* it. It
//! may ask for changes, and send messages to all who use the object:
//!
//! ```text
//!   client A                     server                      client B
//!     Use                  ──►                       ◄──          Use
//!                          ◄── UseSuccess, Clear, Change .. ──►           SO-5
//!     RequestChange x = 1  ──►
//!                          ◄── Success x      Change x = 1 ──►            SO-6
//!                                                    ◄──  SendMessage "hi"
//!                          ◄── SendMessage "hi" ──►                       SO-7
//! ```
//!
//! Three parts, none of which does IO:
//!
//! * [`SharedObjectMessage`] is the wire format, for proxies and for everything below;
//! * [`SharedObjectStore`] is a server's side: objects, who uses them, and who must be told what;
//! * [`SharedObject`] is a client's view of one object.
//!
//! ```
//! use rtmp_session::shared_object::*;
//!
//! let limits = SharedObjectLimits::default();
//! let mut store = SharedObjectStore::new(limits.clone());
//! let (alice, bob) = (Member(1), Member(2));
//! let mut at_alice = SharedObject::new("scores", false, limits.clone());
//! let mut at_bob = SharedObject::new("scores", false, limits);
//!
//! // What a program does with a delivery: send it to each member's connection. Here the members are at hand.
//! let mut deliver = |deliveries: Vec<Delivery>, at_alice: &mut SharedObject, at_bob: &mut SharedObject| {
//!     for Delivery { to, message } in deliveries {
//!         for member in to {
//!             let view = if member == alice { &mut *at_alice } else { &mut *at_bob };
//!             view.handle(&message)?;
//!         }
//!     }
//!     Ok::<(), SharedObjectError>(())
//! };
//! deliver(store.handle(alice, &at_alice.connect(), Access::ReadWrite), &mut at_alice, &mut at_bob)?;
//! deliver(store.handle(bob, &at_bob.connect(), Access::ReadWrite), &mut at_alice, &mut at_bob)?;
//! deliver(store.handle(alice, &at_alice.set("x", 1), Access::ReadWrite), &mut at_alice, &mut at_bob)?;
//!
//! assert_eq!(at_alice.get("x").and_then(|x| x.as_f64()), Some(1.0));
//! assert_eq!(at_bob.get("x").and_then(|x| x.as_f64()), Some(1.0));
//! # Ok::<(), SharedObjectError>(())
//! ```

mod error;
mod event;
mod follower;
mod limits;
mod message;
mod properties;
mod store;

pub use error::SharedObjectError;
pub use event::SharedObjectEvent;
pub use follower::{SharedObject, SharedObjectUpdate};
pub use limits::SharedObjectLimits;
pub use message::{SharedObjectForm, SharedObjectMessage};
pub use store::{Access, Delivery, Member, SharedObjectStore};
