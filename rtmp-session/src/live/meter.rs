//! How much memory channels keep alive, all of them together.

use core::fmt;
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::Relaxed},
};

use bytes::Bytes;

/// Counts the bytes that any number of [`Channel`](super::Channel)s keep alive: payloads, images, headers
/// and the list of entries.
///
/// What has left a log counts until the last reader, socket or file has let go of it, so that slow readers do not hide
/// memory. A program that compares [`Meter::bytes`] with a bound of its own before it takes in more media, and
/// [trims](super::Channel::trim) channels or drops readers to get below, holds no more than that, whoever publishes.
///
/// Clones count together. One addition for each batch that is pushed, and one when its memory is freed.
///
/// ```
/// use rtmp_session::live::Meter;
///
/// let meter = Meter::new();
/// let bytes = meter.hold(vec![0; 1000]);
/// let slice = bytes.slice(..10);
/// drop(bytes);
/// assert_eq!(meter.bytes(), 1000);
/// drop(slice);
/// assert_eq!(meter.bytes(), 0);
/// ```
#[derive(Clone, Default)]
pub struct Meter(Arc<AtomicUsize>);

impl Meter {
    /// One that counts for itself.
    pub fn new() -> Self {
        Self::default()
    }

    /// Bytes alive now.
    pub fn bytes(&self) -> usize {
        self.0.load(Relaxed)
    }

    /// Counts memory of the program's own, such as [`Stats::bytes_held`](crate::Stats::bytes_held) of a publisher.
    pub fn add(&self, bytes: usize) {
        self.0.fetch_add(bytes, Relaxed);
    }

    /// Takes back what was [added](Meter::add).
    pub fn remove(&self, bytes: usize) {
        self.0.fetch_sub(bytes, Relaxed);
    }

    /// Turns a buffer into bytes that count until the last slice of them is gone. An empty one is dropped at once.
    pub fn hold(&self, buffer: impl AsRef<[u8]> + Send + 'static) -> Bytes {
        let len = buffer.as_ref().len();
        if len == 0 {
            return Bytes::new();
        }
        self.add(len);
        Bytes::from_owner(Held { buffer, meter: self.clone() })
    }
}

impl fmt::Debug for Meter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Meter").field(&self.bytes()).finish()
    }
}

/// Two are equal if they count together.
impl PartialEq for Meter {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Meter {}

/// Counted memory that grows and shrinks, until this is dropped.
#[derive(Debug)]
pub(super) struct Share {
    meter: Option<Meter>,
    bytes: usize,
}

impl Share {
    /// Nothing so far. Without a meter nothing is counted.
    pub(super) fn new(meter: Option<&Meter>) -> Self {
        Self { meter: meter.cloned(), bytes: 0 }
    }

    /// It is so much now.
    pub(super) fn set(&mut self, bytes: usize) {
        if let Some(meter) = self.meter.as_ref().filter(|_| bytes != self.bytes) {
            meter.add(bytes);
            meter.remove(self.bytes);
            self.bytes = bytes;
        }
    }
}

/// As much again.
impl Clone for Share {
    fn clone(&self) -> Self {
        let mut share = Self::new(self.meter.as_ref());
        share.set(self.bytes);
        share
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.set(0);
    }
}

struct Held<B: AsRef<[u8]>> {
    buffer: B,
    meter: Meter,
}

impl<B: AsRef<[u8]>> AsRef<[u8]> for Held<B> {
    fn as_ref(&self) -> &[u8] {
        self.buffer.as_ref()
    }
}

impl<B: AsRef<[u8]>> Drop for Held<B> {
    fn drop(&mut self) {
        self.meter.remove(self.buffer.as_ref().len());
    }
}
