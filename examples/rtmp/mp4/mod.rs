//! MP4 files: written as fragments, so that a file is whole at any instant; read in either form.

mod boxes;
mod file;
mod source;
mod track;

pub(crate) use file::Mp4File;
pub(crate) use source::Mp4Reader;
