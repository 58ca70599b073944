//! URLs as people paste them, and what becomes of them.

use proptest::prelude::*;
use rtmp_session::{RtmpUrl, UrlError};

/// One row: URL, `tcUrl`, application, stream. Hosts and paths have the shapes that the services document; keys are made up.
const GOLDEN: &[(&str, &str, &str, &str)] = &[
    // Plain servers: nginx-rtmp, SRS, mediamtx, node-media-server.
    ("rtmp://h/live", "rtmp://h/live", "live", ""),
    ("rtmp://h/live/", "rtmp://h/live", "live", ""),
    ("rtmp://h/live/key", "rtmp://h/live", "live", "key"),
    ("rtmp://h:1935/live/key", "rtmp://h:1935/live", "live", "key"),
    ("rtmp://h:/live/key", "rtmp://h/live", "live", "key"),
    ("RTMP://h/live/key", "rtmp://h/live", "live", "key"),
    ("  rtmp://h/live/key\n", "rtmp://h/live", "live", "key"),
    ("rtmp://h//live/key", "rtmp://h/live", "live", "key"),
    ("rtmp://192.0.2.7:1936/hls/cam-1_720", "rtmp://192.0.2.7:1936/hls", "hls", "cam-1_720"),
    ("rtmp://h/live/key?user=a&pass=b%20c", "rtmp://h/live", "live", "key?user=a&pass=b%20c"),
    ("rtmp://h/live/room1/stream1?token=s3cret", "rtmp://h/live/room1", "live/room1", "stream1?token=s3cret"),
    ("rtmp://h/live/key with spaces", "rtmp://h/live", "live", "key with spaces"),
    ("rtmp://h/live/%E4%BD%A0", "rtmp://h/live", "live", "%E4%BD%A0"),
    ("rtmp://h/mystream", "rtmp://h/mystream", "mystream", ""),
    ("rtmp://h", "rtmp://h/", "", ""),
    ("rtmp://h/", "rtmp://h/", "", ""),
    // IPv6.
    ("rtmp://[::1]/live/key", "rtmp://[::1]/live", "live", "key"),
    ("rtmp://[2001:db8::7]:1935/live/key", "rtmp://[2001:db8::7]:1935/live", "live", "key"),
    ("rtmps://[2001:db8::7]/live/key", "rtmps://[2001:db8::7]/live", "live", "key"),
    // SRS: virtual host and token in either query.
    ("rtmp://h/live?vhost=v.example/livestream", "rtmp://h/live?vhost=v.example", "live?vhost=v.example", "livestream"),
    ("rtmp://h/live/livestream?vhost=v.example", "rtmp://h/live", "live", "livestream?vhost=v.example"),
    ("rtmp://h/live?token=a/b/livestream", "rtmp://h/live?token=a/b", "live?token=a/b", "livestream"),
    ("rtmp://h/live...vhost...v.example/s", "rtmp://h/live...vhost...v.example", "live...vhost...v.example", "s"),
    ("rtmp://h/live?secret=x", "rtmp://h/live?secret=x", "live?secret=x", ""),
    // YouTube.
    ("rtmp://a.rtmp.youtube.com/live2/ab12-cd34-ef56", "rtmp://a.rtmp.youtube.com/live2", "live2", "ab12-cd34-ef56"),
    ("rtmps://a.rtmps.youtube.com:443/live2/ab12-cd34", "rtmps://a.rtmps.youtube.com:443/live2", "live2", "ab12-cd34"),
    (
        "rtmp://b.rtmp.youtube.com/live2?backup=1/ab12-cd34",
        "rtmp://b.rtmp.youtube.com/live2?backup=1",
        "live2?backup=1",
        "ab12-cd34",
    ),
    // Twitch, with its flag for test streams.
    (
        "rtmp://live.twitch.tv/app/live_1_abc?bandwidthtest=true",
        "rtmp://live.twitch.tv/app",
        "app",
        "live_1_abc?bandwidthtest=true",
    ),
    (
        "rtmps://fra02.contribute.live-video.net/app/live_1_abc",
        "rtmps://fra02.contribute.live-video.net/app",
        "app",
        "live_1_abc",
    ),
    // Kick and Amazon IVS.
    (
        "rtmps://fa7.global-contribute.live-video.net:443/app/sk_us-west-2_a_b",
        "rtmps://fa7.global-contribute.live-video.net:443/app",
        "app",
        "sk_us-west-2_a_b",
    ),
    // TikTok: base64 in the signature.
    (
        "rtmp://push-rtmp-l1.tiktokcdn.com/game/stream-11?expire=1&sign=aB/c+d==",
        "rtmp://push-rtmp-l1.tiktokcdn.com/game",
        "game",
        "stream-11?expire=1&sign=aB/c+d==",
    ),
    // Facebook and Instagram.
    (
        "rtmps://live-api-s.facebook.com:443/rtmp/FB-1-0-Ab?s_bl=1&s_ps=1&a=AbY",
        "rtmps://live-api-s.facebook.com:443/rtmp",
        "rtmp",
        "FB-1-0-Ab?s_bl=1&s_ps=1&a=AbY",
    ),
    (
        "rtmps://edgetee-upload-x.instagram.com:443/rtmp/17-1?s_bl=1&a=Ab~c",
        "rtmps://edgetee-upload-x.instagram.com:443/rtmp",
        "rtmp",
        "17-1?s_bl=1&a=Ab~c",
    ),
    // Akamai: an at sign in the name, user and password for its authentication.
    (
        "rtmp://p.ep1.i.akamaientrypoint.net/EntryPoint/live_1_200@123",
        "rtmp://p.ep1.i.akamaientrypoint.net/EntryPoint",
        "EntryPoint",
        "live_1_200@123",
    ),
    ("rtmp://1:pw@p.ep1.example/EntryPoint/s_1@12", "rtmp://p.ep1.example/EntryPoint", "EntryPoint", "s_1@12"),
    // Wowza: instances, name prefixes, files.
    ("rtmp://h:1935/live/_definst_/myStream", "rtmp://h:1935/live/_definst_", "live/_definst_", "myStream"),
    ("rtmp://h/vod/mp4:sample.mp4", "rtmp://h/vod", "vod", "mp4:sample.mp4"),
    ("rtmp://h/vod/mp4:a/b/sample.mp4", "rtmp://h/vod", "vod", "mp4:a/b/sample.mp4"),
    (
        "rtmp://h/vod/_definst_/mp4:a/b.mp4?wowzatokenhash=x",
        "rtmp://h/vod/_definst_",
        "vod/_definst_",
        "mp4:a/b.mp4?wowzatokenhash=x",
    ),
    ("rtmp://h/app/inst/a/b/c", "rtmp://h/app/inst", "app/inst", "a/b/c"),
    ("rtmp://h/live/key?url=http://x/y", "rtmp://h/live", "live", "key?url=http://x/y"),
    // Flash Media Server on demand, as FFmpeg and librtmp know it.
    ("rtmp://h/ondemand/a/b", "rtmp://h/ondemand", "ondemand", "a/b"),
    ("rtmp://h/vod/sample.flv", "rtmp://h/vod", "vod", "sample.flv"),
    // Bilibili and Douyu: the name is a query, or nearly so.
    (
        "rtmp://live-push.bilivideo.com/live-bvc/?streamname=live_1&key=k",
        "rtmp://live-push.bilivideo.com/live-bvc",
        "live-bvc",
        "?streamname=live_1&key=k",
    ),
    (
        "rtmp://sendtc3.douyu.com/live/1rA?wsSecret=x&wsTime=y",
        "rtmp://sendtc3.douyu.com/live",
        "live",
        "1rA?wsSecret=x&wsTime=y",
    ),
    // Others with a path of their own.
    ("rtmp://live.restream.io/live/re_1_ab", "rtmp://live.restream.io/live", "live", "re_1_ab"),
    ("rtmps://live.cloudflare.com:443/live/a1b2k3", "rtmps://live.cloudflare.com:443/live", "live", "a1b2k3"),
    ("rtmps://global-live.mux.com:443/app/0e1-2", "rtmps://global-live.mux.com:443/app", "app", "0e1-2"),
    ("rtmps://dc4-1.rtmp.t.me/s/1:abc", "rtmps://dc4-1.rtmp.t.me/s", "s", "1:abc"),
    (
        "rtmp://x.channel.media.azure.net:1935/live/0a1b/s",
        "rtmp://x.channel.media.azure.net:1935/live/0a1b",
        "live/0a1b",
        "s",
    ),
    (
        "rtmp://ingest.vk.example/input/1_2_s?srv=3&key=k",
        "rtmp://ingest.vk.example/input",
        "input",
        "1_2_s?srv=3&key=k",
    ),
    // The fragment names the stream.
    ("rtmp://h/live/room#my%20key", "rtmp://h/live/room", "live/room", "my key"),
    ("rtmp://h/live?x=1#key", "rtmp://h/live?x=1", "live?x=1", "key"),
    ("rtmp://h/live/key#", "rtmp://h/live", "live", "key"),
];

#[test]
fn url_03_05_07_golden_table() {
    assert!(GOLDEN.len() >= 40);
    for &(text, tc_url, app, stream) in GOLDEN {
        let url: RtmpUrl = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!((url.tc_url().as_str(), url.app.as_str(), url.stream.as_str()), (tc_url, app, stream), "{text}");
    }
}

#[test]
fn url_01_default_ports_and_schemes() {
    let parse = |text: &str| text.parse::<RtmpUrl>();
    let url = parse("rtmp://h/a/s").unwrap();
    assert_eq!((url.port, url.is_tls(), url.authority()), (1935, false, "h:1935".to_owned()));
    let url = parse("rtmps://h/a/s").unwrap();
    assert_eq!((url.port, url.is_tls(), url.authority()), (443, true, "h:443".to_owned()));
    assert_eq!(parse("rtmps://h:1936/a/s").unwrap().authority(), "h:1936");
    assert_eq!(parse("rtmp://[::1]:80/a").unwrap().authority(), "[::1]:80");
    assert_eq!(parse("rtmp://[fe80::1%25eth0]/a").unwrap().host, "fe80::1%25eth0");
}

#[test]
fn url_01_faults_have_their_errors() {
    for (text, error) in [
        ("", UrlError::MissingScheme),
        ("h/live/key", UrlError::MissingScheme),
        ("://h/live", UrlError::MissingScheme),
        ("http://h/live", UrlError::UnsupportedScheme),
        ("rtmpe://h/live", UrlError::UnsupportedScheme),
        ("rtmpt://h/live", UrlError::UnsupportedScheme),
        ("rtmp://", UrlError::Host),
        ("rtmp:///live/key", UrlError::Host),
        ("rtmp://:1935/live", UrlError::Host),
        ("rtmp://user:pass@/live", UrlError::Host),
        ("rtmp://[::1/live", UrlError::Host),
        ("rtmp://[::1]x/live", UrlError::Host),
        ("rtmp://[example]/live", UrlError::Host),
        ("rtmp://a b/live", UrlError::Host),
        ("rtmp://h:0/live", UrlError::Port),
        ("rtmp://h:65536/live", UrlError::Port),
        ("rtmp://h:+80/live", UrlError::Port),
        ("rtmp://h:secret/live", UrlError::Port),
        ("rtmp://::1/live", UrlError::Host),
        ("rtmp://2001:db8::7/live", UrlError::Port),
        ("rtmp://h/live/ke\ny", UrlError::ControlCharacter),
        ("rtmp://h/live/ke\0y", UrlError::ControlCharacter),
    ] {
        assert_eq!(text.parse::<RtmpUrl>(), Err(error), "{text:?}");
    }
}

#[test]
fn url_02_server_and_stream_apart() {
    for (server, stream, tc_url, app) in [
        ("rtmp://h/a/b/c/d", "key", "rtmp://h/a/b/c/d", "a/b/c/d"),
        ("rtmp://h/live2/", "k?x=1", "rtmp://h/live2", "live2"),
        ("rtmp://h:1935/live?token=a/b", "key", "rtmp://h:1935/live?token=a/b", "live?token=a/b"),
        ("rtmps://h", "key", "rtmps://h/", ""),
    ] {
        let url = RtmpUrl::with_stream(server, stream).unwrap();
        assert_eq!((url.tc_url().as_str(), url.app.as_str(), url.stream.as_str()), (tc_url, app, stream));
    }
    assert_eq!(RtmpUrl::with_stream("rtmp://h/a", "a\r\nb"), Err(UrlError::ControlCharacter));
}

#[test]
fn url_03_fields_override_the_split() {
    let mut url: RtmpUrl = "rtmp://h/a/b/c".parse().unwrap();
    (url.app, url.stream) = ("a".to_owned(), "b/c".to_owned());
    assert_eq!(url.tc_url(), "rtmp://h/a");
    url.port = 1936;
    assert_eq!(url.tc_url(), "rtmp://h:1936/a", "a port that is not the scheme's own is always named");
}

#[test]
fn url_04_user_and_password_are_decoded() {
    let credentials = |text: &str| {
        let url: RtmpUrl = text.parse().unwrap();
        url.credentials.map(|credentials| (credentials.user, credentials.password))
    };
    let pair = |user: &str, password: &str| Some((user.to_owned(), password.to_owned()));
    assert_eq!(credentials("rtmp://h/a/s"), None);
    assert_eq!(credentials("rtmp://bob:pw@h/a/s"), pair("bob", "pw"));
    assert_eq!(credentials("rtmp://bob@h/a/s"), pair("bob", ""));
    assert_eq!(credentials("rtmp://b%40b:p%3Aw%2F%C3%A9@h/a/s"), pair("b@b", "p:w/\u{e9}"));
    assert_eq!(credentials("rtmp://bob:a:b@c@h/a/s"), pair("bob", "a:b@c"));
    assert_eq!(credentials("rtmp://b%zz%4:%@h/a/s"), pair("b%zz%4", "%"), "what is no triple stands for itself");
    assert_eq!(credentials("rtmp://h/a/s@x"), None, "an at sign in the path is none of it");
}

#[test]
fn url_06_port_is_in_tc_url_only_if_given() {
    let tc_url = |text: &str| text.parse::<RtmpUrl>().unwrap().tc_url();
    assert_eq!(tc_url("rtmp://h/a/s"), "rtmp://h/a");
    assert_eq!(tc_url("rtmp://h:1935/a/s"), "rtmp://h:1935/a");
    assert_eq!(tc_url("rtmps://[::1]:443/a/s"), "rtmps://[::1]:443/a");
}

#[test]
fn url_08_no_secret_in_debug_tc_url_or_errors() {
    let url: RtmpUrl = "rtmp://bob:hunter2@h/live?apptoken=hunter2/hunter2?token=hunter2".parse().unwrap();
    let debug = format!("{url:?} {:?}", url.credentials);
    assert!(!debug.contains("hunter2") && !debug.contains("bob"), "{debug}");
    assert!(debug.contains("live") && debug.contains("\"h\""), "{debug}");
    assert!(!url.tc_url().contains("bob"));
    let error = "rtmp://bob:hunter2/live".parse::<RtmpUrl>().unwrap_err();
    assert!(!format!("{error} {error:?}").contains("hunter2"));
}

#[test]
fn instance_is_what_follows_the_application() {
    let instance = |text: &str| text.parse::<RtmpUrl>().unwrap().instance().map(str::to_owned);
    assert_eq!(instance("rtmp://h/live/key"), None);
    assert_eq!(instance("rtmp://h/live/room/key").as_deref(), Some("room"));
    let url = RtmpUrl::with_stream("rtmp://h/live/a/b?x=c/d", "s").unwrap();
    assert_eq!(url.instance(), Some("a/b"));
}

#[test]
fn ertmp_93_references_resolve_against_the_present_url() {
    let url: RtmpUrl = "rtmp://bob:pw@h:1936/live/room/key?t=1".parse().unwrap();
    for (reference, tc_url) in [
        ("rtmp://other:1935/app", "rtmp://other:1935/app"),
        ("rtmps://other/app", "rtmps://other/app"),
        ("//192.0.2.0/app", "rtmp://192.0.2.0/app"),
        ("/app", "rtmp://h:1936/app"),
        ("hall", "rtmp://h:1936/live/hall"),
        ("/app?next=rtmp://x/y", "rtmp://h:1936/app?next=rtmp://x/y"),
        ("", "rtmp://h:1936/live/room"),
        ("?t=2", "rtmp://h:1936/live/room?t=2"),
        ("../hall", "rtmp://h:1936/hall"),
        (" /app ", "rtmp://h:1936/app"),
    ] {
        let resolved = url.resolve(reference).unwrap();
        assert_eq!((resolved.tc_url().as_str(), resolved.stream.as_str()), (tc_url, "key?t=1"), "{reference}");
    }
    assert_eq!(url.resolve("http://h/a"), Err(UrlError::UnsupportedScheme));
}

/// The examples of RFC 3986, sections 5.4.1 and 5.4.2, with `rtmp` for `http`; a slash at the end is no part of a `tcUrl`.
const RFC_3986: &[(&str, &str)] = &[
    ("g", "rtmp://a/b/c/g"),
    ("./g", "rtmp://a/b/c/g"),
    ("g/", "rtmp://a/b/c/g"),
    ("/g", "rtmp://a/g"),
    ("//g", "rtmp://g/"),
    ("?y", "rtmp://a/b/c/d;p?y"),
    ("g?y", "rtmp://a/b/c/g?y"),
    ("#s", "rtmp://a/b/c/d;p?q"),
    ("g#s", "rtmp://a/b/c/g"),
    ("g?y#s", "rtmp://a/b/c/g?y"),
    (";x", "rtmp://a/b/c/;x"),
    ("g;x", "rtmp://a/b/c/g;x"),
    ("g;x?y#s", "rtmp://a/b/c/g;x?y"),
    ("", "rtmp://a/b/c/d;p?q"),
    (".", "rtmp://a/b/c"),
    ("./", "rtmp://a/b/c"),
    ("..", "rtmp://a/b"),
    ("../", "rtmp://a/b"),
    ("../g", "rtmp://a/b/g"),
    ("../..", "rtmp://a/"),
    ("../../", "rtmp://a/"),
    ("../../g", "rtmp://a/g"),
    ("../../../g", "rtmp://a/g"),
    ("../../../../g", "rtmp://a/g"),
    ("/./g", "rtmp://a/g"),
    ("/../g", "rtmp://a/g"),
    ("g.", "rtmp://a/b/c/g."),
    (".g", "rtmp://a/b/c/.g"),
    ("g..", "rtmp://a/b/c/g.."),
    ("..g", "rtmp://a/b/c/..g"),
    ("./../g", "rtmp://a/b/g"),
    ("./g/.", "rtmp://a/b/c/g"),
    ("g/./h", "rtmp://a/b/c/g/h"),
    ("g/../h", "rtmp://a/b/c/h"),
    ("g;x=1/./y", "rtmp://a/b/c/g;x=1/y"),
    ("g;x=1/../y", "rtmp://a/b/c/y"),
    ("g?y/./x", "rtmp://a/b/c/g?y/./x"),
    ("g?y/../x", "rtmp://a/b/c/g?y/../x"),
    ("g#s/./x", "rtmp://a/b/c/g"),
    ("g#s/../x", "rtmp://a/b/c/g"),
    // Dots go from whole URLs too.
    ("rtmp://g/b/../c/./d", "rtmp://g/c/d"),
    ("//g/../c", "rtmp://g/c"),
];

#[test]
fn ertmp_93_the_examples_of_rfc_3986() {
    let url = RtmpUrl::with_stream("rtmp://a/b/c/d;p?q", "key").unwrap();
    for &(reference, tc_url) in RFC_3986 {
        let resolved = url.resolve(reference).unwrap_or_else(|error| panic!("{reference:?}: {error}"));
        assert_eq!((resolved.tc_url().as_str(), resolved.stream.as_str()), (tc_url, "key"), "{reference:?}");
    }
    // URLs of other schemes, and one without a host: strict parsers take neither for a path.
    for reference in ["g:h", "rtmp:g", "other:1935/app"] {
        assert_eq!(url.resolve(reference), Err(UrlError::MissingScheme), "{reference:?}");
    }
}

#[test]
fn ertmp_96_a_redirect_keeps_encryption_and_credentials_to_itself() {
    let url: RtmpUrl = "rtmps://bob:pw@h/live/key".parse().unwrap();
    assert_eq!(url.resolve("rtmp://h/live"), Err(UrlError::Downgrade));
    assert_eq!(url.resolve("//other/live").unwrap().credentials, None);
    assert_eq!(url.resolve("/other").unwrap().credentials, url.credentials);
}

proptest! {
    #[test]
    fn any_text_parses_or_fails_without_panic(text in ".*", stream in ".*") {
        let _ = text.parse::<RtmpUrl>();
        let _ = format!("rtmp://{text}").parse::<RtmpUrl>();
        if let Ok(url) = RtmpUrl::with_stream(&format!("rtmp://h/{text}"), &stream) {
            let _ = url.resolve(&text);
        }
    }

    /// Nothing of the path is lost or changed: application, slash and stream give it back.
    #[test]
    fn splitting_loses_nothing(path in "[a-z0-9:._-][a-z0-9:/?&=%@._ -]{0,40}[a-z0-9]") {
        let url: RtmpUrl = format!("rtmp://h/{path}").parse().unwrap();
        let joined = if url.app.len() == path.len() { url.app.clone() } else { format!("{}/{}", url.app, url.stream) };
        prop_assert_eq!(joined, path);
        let again: RtmpUrl = format!("{}/{}", url.tc_url(), url.stream).parse().unwrap();
        prop_assert_eq!(again.port, url.port);
    }
}
