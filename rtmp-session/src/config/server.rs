//! What a server chooses.

use super::LinkConfig;
use crate::{Capabilities, ExternalClasses};

/// How a [`ServerSession`](crate::ServerSession) behaves.
#[non_exhaustive]
#[derive(Clone, Debug, Default)]
pub struct ServerConfig {
    /// Everything below the commands.
    pub link: LinkConfig,
    /// What is told to clients that speak Enhanced RTMP; others hear nothing of it. See ERTMP-79.
    pub capabilities: Capabilities,
    /// What reads externalizable objects in AMF3 values. Default: nothing beyond the classes built in. See AMF3-31.
    pub external_classes: ExternalClasses,
}

impl ServerConfig {
    /// Sets [`ServerConfig::link`].
    #[must_use]
    pub fn link(mut self, link: LinkConfig) -> Self {
        self.link = link;
        self
    }

    /// Sets [`ServerConfig::external_classes`].
    #[must_use]
    pub fn external_classes(mut self, classes: ExternalClasses) -> Self {
        self.external_classes = classes;
        self
    }

    /// Sets [`ServerConfig::capabilities`].
    #[must_use]
    pub fn capabilities(mut self, capabilities: Capabilities) -> Self {
        self.capabilities = capabilities;
        self
    }
}
