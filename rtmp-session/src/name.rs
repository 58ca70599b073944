//! Names as clients write them. See CMD-34, CMD-43, URL-7.

/// A name and the query behind it.
pub(crate) fn split_query(text: &str) -> (&str, Option<&str>) {
    match text.split_once('?') {
        Some((name, query)) => (name, Some(query)),
        None => (text, None),
    }
}

/// The name in what a client wrote: Flash Player plays a whole URL, of which only what stands behind the application is
/// the name.
pub(crate) fn stream_name<'a>(text: &'a str, app: &str) -> &'a str {
    let Some((scheme, rest)) = text.split_once("://") else { return text.trim_start_matches('/') };
    if !scheme.starts_with("rtmp") {
        return text;
    }
    let path = rest.split_once('/').map_or("", |(_, path)| path);
    let (plain, _) = split_query(path);
    match path.strip_prefix(app).and_then(|rest| rest.strip_prefix('/')) {
        Some(name) => name,
        None => &path[plain.rfind('/').map_or(0, |slash| slash + 1)..],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cmd_34_query_is_split_off() {
        assert_eq!(split_query("key?token=a?b"), ("key", Some("token=a?b")));
        assert_eq!(split_query("key"), ("key", None));
    }

    #[test]
    fn a_whole_url_is_reduced_to_the_name() {
        assert_eq!(stream_name("rtmp://h:1935/live/cam", "live"), "cam");
        assert_eq!(stream_name("rtmp://h/live/room1/cam?x=1/2", "live/room1"), "cam?x=1/2");
        assert_eq!(stream_name("rtmp://h/other/cam?x=1/2", "live"), "cam?x=1/2");
        assert_eq!(stream_name("rtmp://h", "live"), "");
        assert_eq!(stream_name("a/b", "live"), "a/b");
        assert_eq!(stream_name("/cam", "live"), "cam");
        assert_eq!(stream_name("mp4:clip.mp4", "live"), "mp4:clip.mp4");
    }
}
