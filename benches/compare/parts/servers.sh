# Sourced by the comparisons: finds, starts and stops the servers.
#
# nginx-rtmp comes from Debian (libnginx-mod-rtmp, nginx-light), node-media-server from npm, into the target directory. xiu is
# $XIU, or what `cargo install xiu --root target/compare/xiu` made (takes half an hour), or the one in the PATH.
# mini-server-100ms gathers for 100 ms, as does floor-100ms; mini-server-2t has two threads.

port=19350 pid=
nginx_module=/usr/lib/nginx/modules/ngx_rtmp_module.so
xiu=${XIU:-$work/xiu/bin/xiu}
[[ -x $xiu ]] || xiu=$(command -v xiu || true)

# Sets `present` to those of "$@" that are installed, and names the others.
find_servers() {
  present=()
  local server
  for server in "$@"; do
    case $server in
      nginx-*)
        command -v nginx >/dev/null && [[ -f $nginx_module ]] ||
          { echo "left out: $server (apt-get install nginx-light libnginx-mod-rtmp)"; continue; }
        ;;
      node-media-server) install_nms || { echo "left out: $server (needs npm and its registry)"; continue; } ;;
      xiu) [[ -n $xiu ]] || { echo "left out: $server (cargo install xiu --root $work/xiu)"; continue; } ;;
    esac
    present+=("$server")
  done
}

install_nms() {
  command -v npm >/dev/null || return 1
  [[ -d $work/nms/node_modules/node-media-server ]] ||
    npm install --silent --no-fund --no-audit --prefix "$work/nms" node-media-server@4 >"$work/nms.log" 2>&1 || return 1
  cp benches/compare/node-media-server.js "$work/nms/"
}

# Starts the server of that name on a fresh port. $2 is the bit rate, which only a floor wants to know.
start() { # name kbps
  port=$((port + 1))
  local name=$1 run=("${on_server[@]}")
  case $name in
    floor*) run+=("$bench" floor-server --listen "127.0.0.1:$port" --kbps "$2" --coalesce "$(window_of "$name")") ;;
    mini-server*)
      local threads=1
      [[ $name =~ -([0-9]+)t$ ]] && threads=${BASH_REMATCH[1]}
      run+=("$mini" --listen "127.0.0.1:$port" --threads "$threads" --coalesce "$(window_of "$name")")
      ;;
    nginx-rtmp) nginx_conf 4096 && run+=(nginx -p "$work/nginx" -c "$work/nginx/nginx.conf") ;;
    nginx-rtmp-60k) nginx_conf 60000 && run+=(nginx -p "$work/nginx" -c "$work/nginx/nginx.conf") ;;
    # These two write into the directory they are started in.
    node-media-server) run+=(env -C "$work" node "$(realpath "$work")/nms/node-media-server.js" "$port") ;;
    xiu) run+=(env -C "$work" "$(realpath "$xiu")" -r "$port" -l error) ;;
    *) echo "no server is called $name" >&2; exit 2 ;;
  esac
  RUST_LOG=warn "${run[@]}" >"$work/$name.log" 2>&1 &
  pid=$!
  wait_for_port || { echo "$name did not come up; see $work/$name.log" >&2; stop; return 1; }
}

window_of() { # name: 100ms of mini-server-100ms
  [[ $1 =~ -([0-9]+ms)$ ]] && echo "${BASH_REMATCH[1]}" || echo 0ms
}

nginx_conf() { # chunk size
  mkdir -p "$work/nginx"
  sed "s|WORK|$work/nginx|g; s|PORT|$port|g; s|CHUNK|$1|g; s|MODULE|$nginx_module|g" benches/compare/nginx.conf >"$work/nginx/nginx.conf"
}

wait_for_port() {
  for _ in {1..100}; do
    kill -0 "$pid" 2>/dev/null || return 1
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && return 0
    sleep 0.1
  done
  return 1
}

stop() {
  [[ -n $pid ]] || return 0
  kill "$pid" 2>/dev/null || true
  for _ in {1..50}; do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
  kill -9 "$pid" 2>/dev/null || true
  wait "$pid" 2>/dev/null || true
  pid=
}
trap stop EXIT
