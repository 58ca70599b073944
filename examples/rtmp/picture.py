#!/usr/bin/env python3
"""Records the terminal picture of the README: runs the tool against servers on loopback, in a real terminal.

    pip install pyte; cargo build --release --bin rtmp --bin mini-server; examples/rtmp/picture.py docs/rtmp.svg
"""
import html, os, pty, select, signal, subprocess, sys, tempfile, time
import pyte

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
BIN = os.environ.get("BIN", ROOT + "/target/release")
CLIP = ROOT + "/examples/tests/data/hevc-aac.flv"
COLUMNS, LINES = 106, 44


def run(screen, stream, command, seconds=60, shown=None):
    """Types a command, runs it in a terminal of its own, and stops it after a while with Ctrl-C."""
    stream.feed("$ " + (shown or command) + "\r\n")
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.update(TERM="xterm", COLUMNS=str(COLUMNS), LINES=str(LINES), PATH=BIN + ":" + os.environ["PATH"])
        os.execvp("sh", ["sh", "-c", "stty -echo columns %d rows %d; exec sh -c %s" % (COLUMNS, LINES, subprocess.list2cmdline([command]))])
    end = time.time() + seconds
    interrupted = False
    while True:
        ready, _, _ = select.select([terminal], [], [], 0.1)
        if ready:
            try:
                data = os.read(terminal, 65536)
            except OSError:
                break
            if not data:
                break
            stream.feed(data.decode("utf-8", "replace"))
        if time.time() > end and not interrupted:
            interrupted = True
            os.write(terminal, b"\x03")
    os.waitpid(pid, 0)
    if screen.cursor.x:
        stream.feed("\r\n")


def svg(lines):
    width, height, size = COLUMNS * 8.43 + 32, len(lines) * 18 + 56, 14
    out = ['<svg xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%.0f" font-family="ui-monospace, Menlo, Consolas, monospace" font-size="%d">' % (width, height, size),
           '<rect width="100%" height="100%" rx="8" fill="#1c1f26"/>',
           *['<circle cx="%d" cy="18" r="6" fill="%s"/>' % (20 + 20 * n, color) for n, color in enumerate(["#ff5f57", "#febc2e", "#28c840"])]]
    for number, line in enumerate(lines):
        color = "#8fd18f" if line.startswith("$ ") else "#d7dae0"
        out.append('<text x="16" y="%d" fill="%s" xml:space="preserve">%s</text>' % (52 + number * 18, color, html.escape(line)))
    return "\n".join(out + ["</svg>", ""])


screen = pyte.Screen(COLUMNS, 400)
stream = pyte.Stream(screen)
servers = [subprocess.Popen([BIN + "/mini-server", "--listen", "127.0.0.1:%d" % port], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for port in (1935, 1936)]
time.sleep(0.5)
with tempfile.TemporaryDirectory() as work:
    os.chdir(work)
    os.symlink(CLIP, "show.flv")
    publisher = subprocess.Popen([BIN + "/rtmp", "-q", "publish", "--loop", "show.flv", "rtmp://127.0.0.1/live/show"])
    time.sleep(6)
    run(screen, stream, "rtmp publish --loop show.flv rtmp://127.0.0.1/live/main-key rtmp://127.0.0.1:1936/backup/other-key", 7)
    run(screen, stream, "rtmp probe rtmp://127.0.0.1/live/show")
    run(screen, stream, "rtmp record rtmp://127.0.0.1/live/show -o evening.flv --stop 4")
    run(screen, stream, "rtmp inspect evening.flv | cut -c1-104 | tail -n 5", shown="rtmp inspect evening.flv | tail -n 5")
    run(screen, stream, "rtmp probe rtmp://127.0.0.1:1940/live/show")
    publisher.send_signal(signal.SIGINT)
for server in servers:
    server.kill()
lines = [line.rstrip() for line in screen.display]
while lines and not lines[-1]:
    lines.pop()
open(os.path.join(ROOT, sys.argv[1]), "w").write(svg(lines))
print("\n".join(lines))
