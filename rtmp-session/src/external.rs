//! Externalizable classes that a program knows.

use core::fmt;
use std::sync::Arc;

use rtmp_amf::AmfError;
use rtmp_amf::amf3::{ExternalInput, ExternalReader};

/// Reads the bodies of externalizable objects in the commands and shared objects of a session. By default it knows
/// nothing beyond the classes [built in](ExternalReader).
///
/// Such a body has no length on the wire. A message with an object of a class that nobody knows is dropped and counted
/// ([`Stats::messages_rejected`](crate::Stats::messages_rejected)), since what stands behind the object cannot be found.
/// See AMF3-31.
#[derive(Clone, Default)]
pub struct ExternalClasses(Option<Arc<dyn ExternalReader + Send + Sync>>);

impl ExternalClasses {
    /// Those that `reader` knows.
    pub fn new(reader: impl ExternalReader + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(reader)))
    }
}

impl ExternalReader for ExternalClasses {
    fn read(&self, class: &str, body: &mut ExternalInput<'_, '_>) -> Result<bool, AmfError> {
        self.0.as_ref().map_or(Ok(false), |reader| reader.read(class, body))
    }
}

impl fmt::Debug for ExternalClasses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExternalClasses").finish_non_exhaustive()
    }
}
