//! What several of the example programs share.
