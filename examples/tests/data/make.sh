#!/usr/bin/env bash
# Makes the clips of this directory anew: synthetic pictures and tones, small on purpose. The tests only ever copy
# their packets, so nothing here depends on an encoder's version.
#   ./make.sh FFMPEG      (a recent ffmpeg that writes Enhanced RTMP into FLV, such as the one of PyPI's imageio-ffmpeg)
set -euo pipefail
cd "$(dirname "$0")"
ffmpeg=${1:?path of a recent ffmpeg}

picture="-f lavfi -i testsrc2=size=160x90:rate=25"
second_picture="-f lavfi -i smptebars=size=160x90:rate=25"
tone="-f lavfi -i sine=frequency=440:beep_factor=4:sample_rate=48000"
second_tone="-f lavfi -i sine=frequency=880:sample_rate=48000"
x264="-c:v libx264 -preset veryfast -threads 1 -b:v 80k -keyint_min 25 -sc_threshold 0 -pix_fmt yuv420p"
x265="-c:v libx265 -preset ultrafast -b:v 80k -pix_fmt yuv420p -x265-params \
  pools=1:frame-threads=1:log-level=error:keyint=25:min-keyint=25:scenecut=0:bframes=2"
aac="-c:a aac -b:a 32k -ac 1"
opus="-c:a libopus -b:a 32k -ac 1"
make() { # shellcheck disable=SC2068
  "$ffmpeg" -hide_banner -loglevel error -nostdin -y $@
  echo "${*: -1}"
}

# Every clip: 5 s, 25 frames a second, a key frame every 25 frames unless its name says otherwise.
make $picture $tone -t 5 $x264 -g 25 -bf 0 $aac -f flv -flvflags no_duration_filesize h264-aac.flv
make $picture $tone -t 5 $x264 -g 25 -bf 3 -b_strategy 0 $aac -f flv -flvflags no_duration_filesize h264-bframes-aac.flv
make $picture $tone -t 5 $x264 -g 1000 -bf 0 $aac -f flv -flvflags no_duration_filesize h264-one-key-aac.flv
make $picture $tone -t 5 $x265 $aac -f flv -flvflags no_duration_filesize hevc-aac.flv
make $picture $tone -t 5 -c:v libsvtav1 -preset 12 -g 25 -b:v 80k -svtav1-params lp=1 -pix_fmt yuv420p $opus \
  -f flv -flvflags no_duration_filesize av1-opus.flv
make $picture $tone -t 5 -c:v libvpx-vp9 -deadline realtime -cpu-used 8 -threads 1 -g 25 -b:v 80k -pix_fmt yuv420p $opus \
  -f flv -flvflags no_duration_filesize vp9-opus.flv
make $picture $second_picture $tone $second_tone -t 5 -map 0:v -map 1:v -map 2:a -map 3:a $x264 -g 25 -bf 0 $aac \
  -f flv -flvflags no_duration_filesize multitrack-h264-aac.flv
