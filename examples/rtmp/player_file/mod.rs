//! The player file that a client pretends to be, for servers that ask for SWF verification.

mod cache;
mod swf;

use crate::failure::{Failure, Step};
use crate::proxy::Proxy;
use crate::secrets::mask_url;
use cache::Cache;
use rtmp_session::handshake::SwfVerification;
use std::fs;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OnceCell;

/// Where the file is, or its hash and size. Looked at once, when the first connection needs it.
#[derive(Clone, Debug)]
pub(crate) struct PlayerFile {
    /// A file name or a URL.
    place: String,
    max_age: Duration,
    verification: Arc<OnceCell<SwfVerification>>,
}

impl PlayerFile {
    /// `max_age` is how long a file from the web is taken to be what it was.
    pub(crate) fn at(place: &str, max_age: Duration) -> Self {
        Self { place: place.to_owned(), max_age, verification: Arc::default() }
    }

    /// A file that nobody needs to see.
    pub(crate) fn known(verification: SwfVerification) -> Self {
        Self {
            place: String::new(),
            max_age: Duration::ZERO,
            verification: Arc::new(OnceCell::new_with(Some(verification))),
        }
    }

    /// Hash and size, from disk, cache or web; the web through the proxy, if there is one.
    pub(crate) async fn verification(&self, proxy: Option<&Proxy>) -> Result<SwfVerification, Failure> {
        let look = || async {
            let (place, max_age, proxy) = (self.place.clone(), self.max_age, proxy.cloned());
            let looked = tokio::task::spawn_blocking(move || look_at(&place, max_age, proxy.as_ref())).await;
            looked.map_err(Failure::arguments)?
        };
        self.verification.get_or_try_init(look).await.copied()
    }
}

fn look_at(place: &str, max_age: Duration, proxy: Option<&Proxy>) -> Result<SwfVerification, Failure> {
    if !is_web(place) {
        let bytes = fs::read(place).map_err(|error| Failure::file(place, error))?;
        return hash(bytes).map_err(|error| Failure::file(place, error));
    }
    let cache = Cache::of_user();
    if let Some(known) = cache.as_ref().and_then(|cache| cache.get(place, max_age)) {
        return Ok(known);
    }
    let failed = |cause: String| {
        let (through, check) = match proxy {
            Some(proxy) => (format!("through {}: ", proxy.authority), "check --proxy; "),
            None => (String::new(), ""),
        };
        Failure::new(Step::File, mask_url(place), through + &cause)
            .hint(format!("{check}a copy on disk, or hash and size, will do as well"))
    };
    let bytes = download(place, proxy).map_err(|error| failed(error.to_string()))?;
    let verification = hash(bytes).map_err(|error| failed(error.to_string()))?;
    if let Some(cache) = cache {
        cache.put(place, &verification);
    }
    Ok(verification)
}

/// Whether it has to be downloaded.
pub(crate) fn is_web(place: &str) -> bool {
    let place = place.to_ascii_lowercase();
    place.starts_with("http://") || place.starts_with("https://")
}

fn download(url: &str, proxy: Option<&Proxy>) -> Result<Vec<u8>, ureq::Error> {
    let mut config = ureq::Agent::config_builder().timeout_global(Some(PATIENCE));
    if let Some(proxy) = proxy {
        config = config.proxy(Some(proxy.of_web()?));
    }
    let agent = ureq::Agent::new_with_config(config.build());
    agent.get(url).call()?.into_body().into_with_config().limit(swf::MAX_LEN as u64).read_to_vec()
}

fn hash(bytes: Vec<u8>) -> Result<SwfVerification, swf::SwfError> {
    Ok(SwfVerification::from_swf(&swf::uncompressed(bytes)?))
}

/// For a whole download. Players have some hundred kilobytes.
const PATIENCE: Duration = Duration::from_secs(30);
