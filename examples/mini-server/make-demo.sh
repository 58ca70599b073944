#!/bin/sh
# Makes demo.flv anew: eight seconds that can be played over and over. 200 pictures at 25 a second and 375 AAC frames of
# 1024 samples at 48 kHz last exactly as long as each other, so a loop of them never drifts.
set -eu
cd "$(dirname "$0")"
ffmpeg -hide_banner -loglevel error -y \
    -f lavfi -i 'testsrc2=size=640x360:rate=25:duration=8' \
    -f lavfi -i 'sine=frequency=330:beep_factor=4:sample_rate=48000:duration=8' \
    -c:v libx264 -preset veryslow -crf 30 -pix_fmt yuv420p -bf 0 -g 50 -keyint_min 50 -sc_threshold 0 \
    -c:a aac -b:a 48k -ac 1 -frames:a 375 \
    -flvflags no_duration_filesize -fflags +bitexact -flags:v +bitexact -flags:a +bitexact \
    -metadata title='Demo' -f flv demo.flv
