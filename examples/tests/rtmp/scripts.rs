//! Command lines of public scripts, as they stand there: a shell runs them. Only hosts and absolute paths are ours.

use crate::packets::{Packet, VIDEO, frames, packets, packets_of_cut};
use crate::run::{Background, RTMP, clip_name, eventually};
use crate::server::Server;
use crate::swf;
use crate::web::Web;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;
use std::process::Command;

struct Script {
    line: &'static str,
    /// What the script has put into its variables.
    variables: &'static [(&'static str, &'static str)],
    /// What stands for our server, for its host and port apart, and for our web server.
    ours: &'static [(&'static str, &'static str)],
    app: &'static str,
    stream: &'static str,
    ends: Ends,
    /// What the server hears in the connect command. It prints URLs without their queries.
    hears: &'static [&'static str],
}

/// How it comes to its end.
#[derive(Clone, Copy, PartialEq)]
enum Ends {
    /// By `--stop`, with this file.
    AsAsked(&'static str),
    /// By a signal: it would go on for long.
    Interrupted(&'static str),
    /// By a player that reads some of it from the pipe.
    WithItsReader,
}

const SCRIPTS: [Script; 15] = [
    Script {
        line: r#"rtmpdump -r "rtmp://live1.seeon.tv/edge/nvcrd4lz4zs0w34" -p "http://www.seeon.tv/view/11073" -W "http://www.seeon.tv/jwplayer/player.swf" --stop 60 --live -o ~Test.flv"#,
        variables: &[],
        ours: &[("live1.seeon.tv", "@SERVER@"), ("www.seeon.tv", "@WEB@")],
        app: "edge",
        stream: "nvcrd4lz4zs0w34",
        ends: Ends::Interrupted("~Test.flv"),
        hears: &[r#"pageUrl: "http://@WEB@/view/11073""#, r#"swfUrl: "http://@WEB@/jwplayer/player.swf""#],
    },
    Script {
        line: r#"rtmpdump -r "rtmp://fml.45FB.edgecastcdn.net/2045FB/showtv2" -a "2045FB/showtv2" -f "WIN 11,1,102,55" -W "http://www.showtvnet.com/skins/streamplayer.swf?v1.2" -p "http://www.showtvnet.com/player/index.asp?ptype=1&product=showtv" -y "$secret" --live - | avplay -"#,
        variables: &[("secret", "showtv2?aBcDeFgH12345678")],
        ours: &[("fml.45FB.edgecastcdn.net", "@SERVER@"), ("www.showtvnet.com", "@WEB@")],
        app: "2045FB/showtv2",
        stream: "showtv2?aBcDeFgH12345678",
        ends: Ends::WithItsReader,
        hears: &[r#"app: "2045FB/sho"#, r#"flashVer: "WIN 11,1,102,55""#],
    },
    Script {
        line: r#"/usr/bin/rtmpdump --rtmp "rtmpe://fms1.uniqueradio.jp/" --playpath "aandg1" --app "?rtmp://fms-base2.mitene.ad.jp/agqr/" --live -o "${filename_rec}" --stop ${rectime_rem}"#,
        variables: &[("filename_rec", "a.01.mp4"), ("rectime_rem", "1")],
        ours: &[("/usr/bin/", ""), ("fms1.uniqueradio.jp", "@SERVER@")],
        app: "?rtmp://fms-base2.mitene.ad.jp/agqr/",
        stream: "aandg1",
        ends: Ends::AsAsked("a.01.mp4"),
        hears: &[r#"app: "?…""#, r#"tcUrl: "rtmp://@SERVER@/?…""#],
    },
    Script {
        line: r#"rtmpdump -v -r "rtmpe://cp532702.live.edgefcs.net/live" -a "live" -f "WIN 30,0,0,113" -p "https://www.itv.com/hub/itv4" -W "http://www.itv.com/mediaplayer/ITVMediaPlayer.swf" -y "itv4static@45482"  | mpv -"#,
        variables: &[],
        ours: &[("cp532702.live.edgefcs.net", "@SERVER@"), ("http://www.itv.com", "http://@WEB@")],
        app: "live",
        stream: "itv4static@45482",
        ends: Ends::WithItsReader,
        hears: &[r#"pageUrl: "https://www.itv.com/hub/itv4""#, r#"flashVer: "WIN 30,0,0,113""#],
    },
    Script {
        line: "rtmpdump -v -r rtmp://aljazeeraflashlivefs.fplive.net/aljazeeraflashlive-live/aljazeera_eng_high  -o -| mplayer -name aljazeera -",
        variables: &[],
        ours: &[("aljazeeraflashlivefs.fplive.net", "@SERVER@")],
        app: "aljazeeraflashlive-live",
        stream: "aljazeera_eng_high",
        ends: Ends::WithItsReader,
        hears: &[r#"tcUrl: "rtmp://@SERVER@/aljazeeraflashlive-live""#, r#"flashVer: "LNX 10,0,32,18""#],
    },
    Script {
        line: r#"rtmpdump --rtmp rtmp://cp101307.live.edgefcs.net/live/ \
         --playpath V2djhrMTqxeN7cqjwSceDrDk7Im9z-x2_640_360_396@29268 \
         --swfVfy "http://player.ooyala.com/static/cacheable/d971cae356b4a0f432dd862f67590af6/player_v2.swf?version=2&embedType=nuplayer&embedStyle=mjolnir/[[DYNAMIC]]/3" \
         --app live?_fcs_vhost=cp101307.live.edgefcs.net \
         --flashVer "MAC 11,9,900,117" \
         --pageUrl http://www.caracoltv.com/senal-vivo \
         --tcUrl rtmp://23.15.5.185/live?_fcs_vhost=cp101307.live.edgefcs.net \
         --live | mplayer -cache 512 -"#,
        variables: &[],
        ours: &[("//cp101307.live.edgefcs.net", "//@SERVER@"), ("player.ooyala.com", "@WEB@")],
        app: "live?_fcs_vhost=cp101307.live.edgefcs.net",
        stream: "V2djhrMTqxeN7cqjwSceDrDk7Im9z-x2_640_360_396@29268",
        ends: Ends::WithItsReader,
        hears: &[r#"app: "live?…""#, r#"tcUrl: "rtmp://23.15.5.185/live?…""#, r#"flashVer: "MAC 11,9,900,117""#],
    },
    Script {
        line: r#"rtmpdump -r "rtmpe://big02.mediadirect.ro:1935/recb1?id=65635241" -a "recb1?id=65635241" -f "WIN 11,2,202,235" -W "http://static1.mediadirect.ro/player-preload/swf/b1_1_1002/player.swf?app=FlUZRhMBChBU&data=D1Q7WA==&str=X1VVW05UXF1XW1sAFVBTAwUHEQwWK19VVVtMVFxfV1srX1ZJWVFJWUI6DxsaSwkZVQ==" -p "http://inregistrari.b1.ro/view-lumea_lui_banciu-85.html" -C O:1 -C O:0 -y "2012/05/28/mp4:banciu_2012-05-28_23-00-00_low.mp4" -o mp4_banciu_2012-05-28_23-00-00_low.flv  "#,
        variables: &[],
        ours: &[("big02.mediadirect.ro:1935", "@SERVER@"), ("static1.mediadirect.ro", "@WEB@")],
        app: "recb1?id=65635241",
        stream: "2012/05/28/mp4:banciu_2012-05-28_23-00-00_low.mp4",
        ends: Ends::Interrupted("mp4_banciu_2012-05-28_23-00-00_low.flv"),
        hears: &[r#"swfUrl: "http://@WEB@/player-preload/swf/b1_1_1002/player.swf?…""#, "}, {})"],
    },
    Script {
        line: r#"/usr/local/bin/rtmpdump -v \
         -r "rtmpe://w-radiko.smartstream.ne.jp" \
         --playpath "simul-stream.stream" \
         --app "${station}/_definst_" \
         -W $playerurl \
         -C S:"" -C S:"" -C S:"" -C S:$authtoken \
         --live \
         --stop $DURATION \
         -o $tmpfile"#,
        variables: &[
            ("station", "TBS"),
            ("playerurl", "http://@WEB@/apps/js/flash/myplayer-release.swf"),
            ("authtoken", "dGhlIHRva2Vu"),
            ("DURATION", "1"),
            ("tmpfile", "radiko.flv"),
        ],
        ours: &[("/usr/local/bin/", ""), ("w-radiko.smartstream.ne.jp", "@SERVER@")],
        app: "TBS/_definst_",
        stream: "simul-stream.stream",
        ends: Ends::AsAsked("radiko.flv"),
        hears: &[r#"app: "TBS/_definst_""#, r#"}, "", "", "", "dGh…")"#],
    },
    Script {
        line: r#"exec $RTMPDUMP -q -o - -b 300 -k 5 -v -r "$ACT" -p "$P" -W "$W""#,
        variables: &[
            ("RTMPDUMP", "rtmpdump"),
            ("ACT", "rtmp://@SERVER@/ctlive/ct1"),
            ("P", "http://www.example.cz/"),
            ("W", "http://@WEB@/p.swf"),
        ],
        ours: &[("exec ", ""), ("-W \"$W\"", "-W \"$W\" | mplayer -")],
        app: "ctlive",
        stream: "ct1",
        ends: Ends::WithItsReader,
        hears: &[r#"pageUrl: "http://www.example.cz/""#, r#"swfUrl: "http://@WEB@/p.swf""#],
    },
    Script {
        line: "/usr/bin/rtmpdump -n 1.1.1.1 -c 1940 --playpath Radio -r rtmp://1.1.1.1:1940/Radio -o /home/public/test ",
        variables: &[],
        ours: &[("/usr/bin/", ""), ("/home/public/", ""), ("-n 1.1.1.1", "-n @HOST@"), ("-c 1940", "-c @PORT@")],
        app: "Radio",
        stream: "Radio",
        ends: Ends::Interrupted("test"),
        hears: &[r#"app: "Radio""#, r#"tcUrl: "rtmp://@SERVER@/Radio""#],
    },
    Script {
        line: r#"rtmpdump -q -vr $tmpurl \
	 -a $tmppath \
	 -f "WIN 12,0,0,77" \
         -W "http://www.uniqueradio.jp/agplayerf/LIVEPlayer-HD0318.swf" \
         -p "http://www.uniqueradio.jp/agplayerf/newplayerf2-win.php" \
	 -C B:0 -y "aandg${index}" \
         --stop ${REC_TIME} \
	 --timeout 30 \
	 -o $outfile"#,
        variables: &[
            ("tmpurl", "rtmpe://@SERVER@/"),
            ("tmppath", "?rtmp://fms-base1.mitene.ad.jp/agqr/"),
            ("index", "22"),
            ("REC_TIME", "1"),
            ("outfile", "agqr.flv"),
        ],
        ours: &[("www.uniqueradio.jp", "@WEB@")],
        app: "?rtmp://fms-base1.mitene.ad.jp/agqr/",
        stream: "aandg22",
        ends: Ends::AsAsked("agqr.flv"),
        hears: &["}, false)", r#"pageUrl: "http://@WEB@/agplayerf/newplayerf2-win.php""#],
    },
    Script {
        line: r#"rtmpdump -vr"$connect/$play" -j"$token" -W"$player" -m5 -b0 -o-|readb -t5 -s"rtmpdump""#,
        variables: &[
            ("connect", "rtmp://@SERVER@/app"),
            ("play", "jtv_abc-123"),
            ("token", r#"{"channel": "abc"}"#),
            ("player", "http://@WEB@/widgets/live_site_player.swf"),
        ],
        ours: &[],
        app: "app",
        stream: "jtv_abc-123",
        ends: Ends::WithItsReader,
        hears: &[r#"app: "app""#, r#"swfUrl: "http://@WEB@/widgets/live_site_player.swf""#],
    },
    Script {
        line: r#"rtmpdump -m 200 -r "rtmp://cp68975.live.edgefcs.net:1935/live" -y "LA1_AKA_WEB_NOG@58877" -W "http://www.rtve.es/swf/4.1.11/RTVEPlayerVideo.swf" -p "http://www.rtve.es/noticias/directo-la-1" -t "rtmp://cp68975.live.edgefcs.net:1935/live" -v -q > /tmp/$CANAL."$ID""#,
        variables: &[("CANAL", "rtve1"), ("ID", "4711")],
        ours: &[
            ("/tmp/", ""),
            ("-r \"rtmp://cp68975.live.edgefcs.net:1935", "-r \"rtmp://@SERVER@"),
            ("www.rtve.es", "@WEB@"),
        ],
        app: "live",
        stream: "LA1_AKA_WEB_NOG@58877",
        ends: Ends::Interrupted("rtve1.4711"),
        hears: &[r#"tcUrl: "rtmp://cp68975.live.edgefcs.net:1935/live""#],
    },
    Script {
        line: "rtmpdump -m 5 -v -r rtmp://192.168.1.106:1935/live/test -o test.flv --resume",
        variables: &[],
        ours: &[("192.168.1.106:1935", "@SERVER@")],
        app: "live",
        stream: "test",
        ends: Ends::Interrupted("test.flv"),
        hears: &[r#"tcUrl: "rtmp://@SERVER@/live""#],
    },
    Script {
        line: "rtmpdump --live --rtmp ${serverUrl} --timeout 60 -B ${length} -o ${path}",
        variables: &[("serverUrl", "rtmp://@SERVER@/agqr/aandg22"), ("length", "1"), ("path", "2026.flv")],
        ours: &[],
        app: "agqr",
        stream: "aandg22",
        ends: Ends::AsAsked("2026.flv"),
        hears: &[r#"tcUrl: "rtmp://@SERVER@/agqr""#],
    },
];

/// A directory to run scripts in, with `rtmpdump` and the players that they pipe to.
struct Shell(tempfile::TempDir);

impl Shell {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let programs = dir.path().join("bin");
        fs::create_dir(&programs).unwrap();
        symlink(RTMP, programs.join("rtmpdump")).unwrap();
        for player in ["mplayer", "mpv", "avplay", "readb"] {
            let program = programs.join(player);
            fs::write(&program, format!("#!/bin/sh\nexec head -c {PLAYED} > played\n")).unwrap();
            fs::set_permissions(program, fs::Permissions::from_mode(0o755)).unwrap();
        }
        Self(dir)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn run(&self, line: &str) -> Command {
        let path = format!("{}:{}", self.file("bin").display(), std::env::var("PATH").unwrap());
        let mut command = Command::new("bash");
        command.args(["-o", "pipefail", "-c", line]).current_dir(&self.0).env("PATH", path);
        command.env("XDG_CACHE_HOME", self.file("cache"));
        command
    }
}

#[test]
fn command_lines_of_public_scripts_run_as_they_are() {
    // They wait for media most of the while.
    std::thread::scope(|scope| {
        for scripts in SCRIPTS.chunks(5) {
            scope.spawn(move || {
                let mut server = Server::serve(&[]);
                let web = Web::with(swf::compressed());
                scripts.iter().for_each(|script| run(script, &mut server, &web));
                assert!(web.asked().len() >= 2, "players are fetched: {:?}", web.asked());
            });
        }
    });
}

fn run(script: &Script, server: &mut Server, web: &Web) {
    let (host, port) = server.address.rsplit_once(':').unwrap();
    let ours = |text: &str| {
        let text = text.replace("@SERVER@", &server.address).replace("@WEB@", &web.address);
        text.replace("@HOST@", host).replace("@PORT@", port)
    };
    let hears: Vec<String> = script.hears.iter().map(|text| ours(text)).collect();
    let line = ours(&script.ours.iter().fold(script.line.to_owned(), |line, (from, to)| line.replace(from, to)));
    println!("{line}");
    let shell = Shell::new();
    // A signal is for the program, not for a shell that waits for it.
    let exec = if matches!(script.ends, Ends::Interrupted(_)) { "exec " } else { "" };
    let mut command = shell.run(&format!("{exec}{line}"));
    command.envs(script.variables.iter().map(|(name, value)| (name, ours(value))));

    let url = server.url("x");
    let clip = clip_name("h264-aac.flv");
    let publish =
        Background::start(["-q", "publish", "--loop", &clip, &url, "--app", script.app, "--stream", script.stream]);
    server.wait_for("Publish.Start");
    let dump = Background::spawn(&mut command);
    let connect = server.wait_for("connect[");
    for text in &hears {
        assert!(connect.contains(text), "{text} in {connect}");
    }
    check(script.ends, dump, &shell, &line);
    publish.interrupt();
}

fn check(ends: Ends, dump: Background, shell: &Shell, line: &str) {
    let video = |packets: &[Packet]| frames(packets, VIDEO).len();
    match ends {
        Ends::AsAsked(file) => {
            let run = dump.wait().expect(0);
            assert_eq!(run.stderr().is_empty(), line.contains(" -q "), "{line}: {}", run.stderr());
            let video = video(&packets(shell.file(file)));
            assert!((20..=30).contains(&video), "{video} frames of {line}");
        }
        Ends::Interrupted(file) => {
            let file = shell.file(file);
            eventually(line, || fs::metadata(&file).is_ok_and(|meta| meta.len() > PLAYED));
            dump.interrupt().expect(2);
            assert!(video(&packets_of_cut(&file)) > 5, "{line}");
        }
        Ends::WithItsReader => {
            dump.wait().expect(0);
            let played = shell.file("played");
            assert_eq!(fs::metadata(&played).unwrap().len(), PLAYED, "{line}");
            assert!(video(&packets_of_cut(&played)) > 5, "{line}");
        }
    }
}

/// What a player reads, in bytes: less than two seconds.
const PLAYED: u64 = 30_000;
