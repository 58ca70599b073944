//! Live distribution: one publisher, any number of readers, no IO.
//!
//! A [`Channel`] is a bounded log of one live stream; a [`Cursor`] is a reader's place in it. That is all: there are no
//! queues per reader, so memory does not grow with readers, and a reader that is slow costs nobody anything.
//!
//! ```text
//!                     headers in force: metadata, sequence headers
//!                                     │ at each key frame
//!  push_batch ──► [H][K][a][p][p][a][K][p][a][p] ──► evicted from the left when over the bounds
//!                  ▲ a slow reader   ▲        ▲ a reader that keeps up
//!                  │                 └ a new reader: headers, then the newest key frame
//!                  └ gone from the log: Gap, then the newest key frame
//! ```
//!
//! - **Start**: metadata, then sequence headers per track, then the newest key frame ([`Start`]). A stream without video
//!   starts anywhere. Who waited before the publish began reads it from its first message on.
//! - **Headers** are sent again only where they are not what the reader has, and with the time of the frame they stand
//!   before, so that no player sees a jump.
//! - **A new publisher** ([`Channel::interrupt`], [`Channel::resume`]) goes on in time where the last one was.
//! - **Bounds**: bytes, media time and messages, whichever is hit first; see [`ChannelConfig`]. A [`Meter`] tells what all
//!   channels keep alive together.
//!
//! There are two ways out of the log. [`Channel::next`] gives [`Media`](crate::Media), for connections that write their
//! own headers. [`Channel::next_image`] gives wire bytes, the same for all players with the same [`ImageFormat`]: to
//! send to a thousand players, take the image once for each distinct place and write it a thousand times.
//!
//! ```
//! use rtmp_session::{Media, live::{Channel, ChannelConfig, Next}};
//!
//! let mut channel = Channel::new(ChannelConfig::default());
//! let config = Media::video(0, &[0x17, 0, 0, 0, 0, 1, 0x42, 0xc0, 0x1e][..]);
//! let key = Media::video(40, &[0x17, 1, 0, 0, 0, 0x65][..]);
//! let inter = Media::video(80, &[0x27, 1, 0, 0, 0, 0x41][..]);
//! channel.push_batch([config.clone(), key.clone(), inter.clone()]);
//!
//! let mut late = channel.subscribe();
//! assert_eq!(channel.next(&mut late), Next::Media(Media { timestamp: 40, ..config }));
//! assert_eq!(channel.next(&mut late), Next::Media(key));
//! assert_eq!(channel.next(&mut late), Next::Media(inter));
//! assert_eq!(channel.next(&mut late), Next::Pending);
//! ```

mod channel;
mod classify;
mod config;
mod cursor;
mod entry;
mod headers;
mod meter;
mod payloads;
mod timeline;

pub use channel::Channel;
pub use config::{ChannelConfig, ImageFormat, Start};
pub use cursor::{Cursor, Gap, Next, NextImage};
pub use headers::Headers;
pub use meter::Meter;
