//! Handles.

/// One publish or play of a session. A local handle, not the number on the wire, and never used twice in a session:
/// a stale one is found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StreamId(pub(crate) u64);

/// One [`call`](crate::ClientSession::call) of a client session, for telling its answer from others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CallId(pub(crate) u64);
