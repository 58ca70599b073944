//! What strangers may cost. docs/security.md has the sums.

use rtmp_session::live::{ChannelConfig, Meter};
use rtmp_session::shared_object::SharedObjectLimits;
use rtmp_session::{Limits, LinkConfig, ServerConfig};

use crate::worker::IMAGES;

/// Who does not publish holds little: ten thousand of them, and all media, are to fit into a gibibyte.
pub(crate) fn sessions() -> ServerConfig {
    let limits = Limits::default()
        .max_command_len(LONGEST_COMMAND)
        // There are none here; they are ignored.
        .shared_object(SharedObjectLimits::default().max_message_len(LONGEST_COMMAND))
        .max_reply_bytes(8 << 10)
        .max_name_len(512)
        .max_streams(4);
    ServerConfig::default().link(LinkConfig::default().limits(limits))
}

/// Headers are kept as long as a publish goes on, and cannot be trimmed.
pub(crate) fn channels(meter: &Meter) -> ChannelConfig {
    ChannelConfig::default().image(Some(IMAGES)).max_header_bytes(128 << 10).meter(Some(meter.clone()))
}

const LONGEST_COMMAND: usize = 10 << 10;
