//! Which channel is which: the body of an audio MultichannelConfig packet.

use crate::{FlvError, error::Payload};
use alloc::vec::Vec;
use bytes::BufMut;

/// How the channels of a track are laid out. Holds until the next one or the next sequence start of its track
/// (ERTMP-39). See ERTMP-37.
///
/// ```
/// use rtmp_flv::{Channel, MultichannelConfig};
///
/// let config = MultichannelConfig::parse(&[1, 6, 0, 0, 0, 0x3f])?;
/// assert_eq!(config, MultichannelConfig::Native { count: 6, mask: 0x3f });
/// assert!(config.channels().eq([
///     Channel::FRONT_LEFT, Channel::FRONT_RIGHT, Channel::FRONT_CENTER,
///     Channel::LOW_FREQUENCY, Channel::BACK_LEFT, Channel::BACK_RIGHT,
/// ]));
/// # Ok::<(), rtmp_flv::FlvError>(())
/// ```
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MultichannelConfig {
    /// Only the number of channels is known.
    Unspecified {
        /// Number of channels.
        count: u8,
    },
    /// The channels of the mask, in the order of their numbers.
    Native {
        /// Number of channels. Should be the number of bits in the mask; see [`MultichannelConfig::is_consistent`].
        count: u8,
        /// Bit `1 << n` for channel `n`.
        mask: u32,
    },
    /// One entry per channel, in the order of the bit stream. At most 255.
    Custom(Vec<Channel>),
}

impl MultichannelConfig {
    /// Reads the body of a [`PacketKind::MultichannelConfig`](crate::PacketKind::MultichannelConfig) packet. Bytes
    /// behind it are ignored.
    ///
    /// # Errors
    /// [`FlvError::Truncated`], and [`FlvError::UnknownChannelOrder`] for a message to be ignored.
    pub fn parse(body: &[u8]) -> Result<Self, FlvError> {
        let truncated = |part, needed| FlvError::Truncated { payload: Payload::Audio, part, needed, len: body.len() };
        let (&[order, count], rest) = body.split_first_chunk().ok_or_else(|| truncated("channel order", 2))?;
        match order {
            0 => Ok(Self::Unspecified { count }),
            1 => {
                let &mask = rest.first_chunk().ok_or_else(|| truncated("channel mask", 6))?;
                Ok(Self::Native { count, mask: u32::from_be_bytes(mask) })
            }
            2 => {
                let len = usize::from(count);
                let map = rest.get(..len).ok_or_else(|| truncated("channel map", 2 + len))?;
                Ok(Self::Custom(map.iter().copied().map(Channel).collect()))
            }
            other => Err(FlvError::UnknownChannelOrder(other)),
        }
    }

    /// Appends the body of a packet to `out`. Of a custom map the first 255 channels.
    pub fn encode(&self, out: &mut impl BufMut) {
        match self {
            Self::Unspecified { count } => out.put_slice(&[0, *count]),
            Self::Native { count, mask } => {
                out.put_slice(&[1, *count]);
                out.put_u32(*mask);
            }
            Self::Custom(map) => {
                out.put_slice(&[2, self.count()]);
                map.iter().take(usize::from(self.count())).for_each(|channel| out.put_u8(channel.0));
            }
        }
    }

    /// Number of channels.
    pub fn count(&self) -> u8 {
        match self {
            Self::Unspecified { count } | Self::Native { count, .. } => *count,
            Self::Custom(map) => map.len().min(255) as u8,
        }
    }

    /// Whether the mask has as many bits as there are channels. If not, what was said is used all the same.
    pub fn is_consistent(&self) -> bool {
        !matches!(self, Self::Native { count, mask } if mask.count_ones() != u32::from(*count))
    }

    /// The channels in the order of the bit stream, as far as they are told.
    pub fn channels(&self) -> impl Iterator<Item = Channel> + '_ {
        let (mask, map) = match self {
            Self::Unspecified { .. } => (0, &[][..]),
            Self::Native { mask, .. } => (*mask, &[][..]),
            Self::Custom(map) => (0, &map[..]),
        };
        let of_mask = (0..32).filter(move |bit| mask >> bit & 1 == 1).map(Channel);
        of_mask.chain(map.iter().copied())
    }
}

/// A speaker position, 0 to 23; other values are reserved. See ERTMP-38.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Channel(pub u8);

macro_rules! channels {
    ($($name:ident = $number:literal, $text:literal;)*) => {
        impl Channel {
            $(#[doc = concat!($text, ".")] pub const $name: Self = Self($number);)*

            /// What the position is called; `None` if it is reserved.
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    $($number => Some($text),)*
                    _ => None,
                }
            }
        }
    };
}

channels! {
    FRONT_LEFT = 0, "front left";
    FRONT_RIGHT = 1, "front right";
    FRONT_CENTER = 2, "front centre";
    LOW_FREQUENCY = 3, "low frequency 1";
    BACK_LEFT = 4, "back left";
    BACK_RIGHT = 5, "back right";
    FRONT_LEFT_CENTER = 6, "front left centre";
    FRONT_RIGHT_CENTER = 7, "front right centre";
    BACK_CENTER = 8, "back centre";
    SIDE_LEFT = 9, "side left";
    SIDE_RIGHT = 10, "side right";
    TOP_CENTER = 11, "top centre";
    TOP_FRONT_LEFT = 12, "top front left";
    TOP_FRONT_CENTER = 13, "top front centre";
    TOP_FRONT_RIGHT = 14, "top front right";
    TOP_BACK_LEFT = 15, "top back left";
    TOP_BACK_CENTER = 16, "top back centre";
    TOP_BACK_RIGHT = 17, "top back right";
    LOW_FREQUENCY_2 = 18, "low frequency 2";
    TOP_SIDE_LEFT = 19, "top side left";
    TOP_SIDE_RIGHT = 20, "top side right";
    BOTTOM_FRONT_CENTER = 21, "bottom front centre";
    BOTTOM_FRONT_LEFT = 22, "bottom front left";
    BOTTOM_FRONT_RIGHT = 23, "bottom front right";
    UNUSED = 0xfe, "unused";
    UNKNOWN = 0xff, "unknown";
}
