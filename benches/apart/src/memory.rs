//! What the rtmp crate of xiu needs to run without a socket.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use bytesio::bytesio::{NetType, TNetIO};
use bytesio::bytesio_errors::BytesIOError;

/// What that crate takes for a connection.
pub type Network = Arc<tokio::sync::Mutex<Box<dyn TNetIO + Send + Sync>>>;

/// A network that takes everything at once, and keeps the last write.
#[derive(Clone, Default)]
pub struct Memory(Arc<std::sync::Mutex<Option<Bytes>>>);

impl Memory {
    /// As a connection.
    pub fn network(&self) -> Network {
        Arc::new(tokio::sync::Mutex::new(Box::new(self.clone())))
    }

    /// The last write, once.
    pub fn take(&self) -> Option<Bytes> {
        self.0.lock().expect("nobody panics with it").take()
    }
}

#[async_trait::async_trait]
impl TNetIO for Memory {
    async fn write(&mut self, bytes: Bytes) -> Result<(), BytesIOError> {
        *self.0.lock().expect("nobody panics with it") = Some(bytes);
        Ok(())
    }

    async fn read(&mut self) -> Result<BytesMut, BytesIOError> {
        Ok(BytesMut::new())
    }

    async fn read_timeout(&mut self, _: Duration) -> Result<BytesMut, BytesIOError> {
        self.read().await
    }

    fn get_net_type(&self) -> NetType {
        NetType::TCP
    }
}

/// The result of a future that waits for nothing but [`Memory`].
///
/// # Panics
///
/// If it waits for something else.
pub fn at_once<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => unreachable!("the network takes everything at once"),
    }
}
