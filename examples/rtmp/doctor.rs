//! `rtmp doctor`: what the machine's limits mean for RTMP.

use crate::failure::{Exit, Failure, Step};
use clap::Args;
use serde_json::json;
use std::net::{Ipv6Addr, TcpListener};

/// Checks file-descriptor and socket limits and says what to do about those that are too low
#[derive(Args, Clone, Debug)]
pub(crate) struct Doctor {
    /// Connections the machine shall hold at once
    #[arg(long, value_name = "COUNT", default_value_t = 1000)]
    connections: u64,
    /// One JSON object per check
    #[arg(long)]
    json: bool,
}

struct Check {
    name: &'static str,
    found: String,
    /// What is wrong and what to do; `None` if nothing is.
    advice: Option<String>,
}

impl Doctor {
    pub(crate) fn run(&self) -> Result<(), Failure> {
        let checks = [
            self.file_descriptors(),
            self.backlog(),
            self.ports(),
            buffers("rmem_max", "receive"),
            buffers("wmem_max", "send"),
            ipv6(),
        ];
        for check in &checks {
            if self.json {
                say!("{}", json!({ "check": check.name, "found": check.found, "advice": check.advice }));
            } else {
                let mark = if check.advice.is_some() { "!!" } else { "ok" };
                say!("{mark}  {:<22} {}", check.name, check.found);
                if let Some(advice) = &check.advice {
                    say!("    {advice}");
                }
            }
        }
        match checks.iter().filter(|check| check.advice.is_some()).count() {
            0 => Ok(()),
            count => Err(Failure::new(Step::Arguments, "", format!("{count} limits are too low")).exit(Exit::Error)),
        }
    }

    /// One per connection, and a few for files and the runtime.
    fn file_descriptors(&self) -> Check {
        let wanted = self.connections + 64;
        let (soft, hard) = rlimit::getrlimit(rlimit::Resource::NOFILE).unwrap_or((0, 0));
        let advice = if soft >= wanted {
            None
        } else if hard >= wanted {
            Some(format!("run `ulimit -n {wanted}` before the program, or set LimitNOFILE={wanted} in its unit"))
        } else {
            Some(format!("raise the hard limit: `* hard nofile {wanted}` in /etc/security/limits.conf"))
        };
        Check { name: "file descriptors", found: format!("{soft}, may be raised to {hard}"), advice }
    }

    /// Viewers of an event come within the same second.
    fn backlog(&self) -> Check {
        let found = sysctl("net/core/somaxconn");
        let wanted = (self.connections / 4).clamp(128, 4096);
        let advice = found.filter(|found| *found < wanted).map(|_| {
            format!("`sysctl -w net.core.somaxconn={wanted}`: else connections are dropped when many come at once")
        });
        Check { name: "listen backlog", found: shown(found), advice }
    }

    /// A relay or a load test needs a local port for each connection to the same server.
    fn ports(&self) -> Check {
        let range = std::fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").unwrap_or_default();
        let ends: Vec<u64> = range.split_whitespace().filter_map(|end| end.parse().ok()).collect();
        let count = if let [low, high] = ends[..] { Some(high.saturating_sub(low) + 1) } else { None };
        let advice = count.filter(|count| *count < self.connections).map(|_| {
            "`sysctl -w net.ipv4.ip_local_port_range=\"1024 65535\"`: outgoing connections run out of ports".into()
        });
        Check { name: "local ports", found: shown(count), advice }
    }
}

/// A stream of 20 Mbit/s over 100 ms holds 250 kB in flight.
fn buffers(name: &'static str, direction: &str) -> Check {
    const WANTED: u64 = 212_992;
    let tcp = if direction == "receive" { "tcp_rmem" } else { "tcp_wmem" };
    let most = std::fs::read_to_string(format!("/proc/sys/net/ipv4/{tcp}")).unwrap_or_default();
    let most = most.split_whitespace().last().and_then(|most| most.parse::<u64>().ok());
    let core = sysctl(&format!("net/core/{name}"));
    let advice = most.filter(|most| *most < WANTED).map(|_| {
        format!(
            "the third number of net.ipv4.{tcp} bounds what TCP has in flight: at least {WANTED} for fast streams afar"
        )
    });
    let name = if direction == "receive" { "receive buffers" } else { "send buffers" };
    Check { name, found: format!("{} bytes for TCP, {} by option", shown(most), shown(core)), advice }
}

fn ipv6() -> Check {
    match TcpListener::bind((Ipv6Addr::LOCALHOST, 0)) {
        Ok(_) => Check { name: "IPv6", found: "available".into(), advice: None },
        // Nothing is wrong with a machine that has none.
        Err(error) => Check { name: "IPv6", found: format!("not available: {error}"), advice: None },
    }
}

fn sysctl(path: &str) -> Option<u64> {
    std::fs::read_to_string(format!("/proc/sys/{path}")).ok()?.trim().parse().ok()
}

fn shown(number: Option<u64>) -> String {
    number.map_or_else(|| "unknown".into(), |number| number.to_string())
}
