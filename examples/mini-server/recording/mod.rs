//! Recordings.
use rtmp_session::Media;
use std::path::Path;
pub(crate) struct Recorder;
pub(crate) struct Recording;
impl Recorder {
    pub(crate) fn new(_dir: &Path) -> Result<Self, String> {
        Ok(Self)
    }
    pub(crate) fn start(&self, _app: &str, _name: &str) -> Option<Recording> {
        None
    }
    pub(crate) fn finish(&self) {}
}
impl Recording {
    pub(crate) fn push(&self, _media: &Media) {}
}
