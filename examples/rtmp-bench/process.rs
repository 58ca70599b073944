//! Processor time and memory of a process and its descendants, and who else was busy: from `/proc`, so on Linux only.

use std::collections::HashMap;
use std::fs;

/// A look at the processes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Sample {
    /// Processor seconds of the tree since it began.
    pub(crate) cpu: f64,
    /// Resident memory of the tree now, in KiB.
    pub(crate) resident_kib: u64,
    /// Processor seconds of this process.
    pub(crate) own_cpu: f64,
    /// Processor seconds of everything on the machine, kernel threads and interrupts included.
    pub(crate) machine_cpu: f64,
}

impl Sample {
    /// Of the tree under `root`, if there is one, and of the machine.
    pub(crate) fn take(root: Option<u32>) -> Self {
        let own_cpu = Process::read(std::process::id()).map_or(0.0, |process| process.cpu);
        let machine_cpu = fs::read_to_string("/proc/stat").map_or(0.0, |text| machine_cpu(&text));
        let mut sample = Self { own_cpu, machine_cpu, ..Self::default() };
        for process in root.map(tree).unwrap_or_default() {
            sample.cpu += process.cpu;
            sample.resident_kib += resident_kib(process.pid);
        }
        sample
    }
}

/// Whether there is a process of this number.
pub(crate) fn exists(pid: u32) -> bool {
    Process::read(pid).is_some()
}

struct Process {
    pid: u32,
    parent: u32,
    cpu: f64,
}

impl Process {
    fn read(pid: u32) -> Option<Self> {
        Self::parse(pid, &fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
    }

    /// proc(5). The name, in parentheses, may hold anything, so fields are counted from behind it.
    fn parse(pid: u32, stat: &str) -> Option<Self> {
        let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
        let ticks = |index: usize| fields.get(index)?.parse::<u64>().ok();
        let cpu = (ticks(11)? + ticks(12)?) as f64 / TICKS_PER_SECOND;
        Some(Self { pid, parent: fields.get(1)?.parse().ok()?, cpu })
    }
}

/// A process and its descendants.
fn tree(root: u32) -> Vec<Process> {
    let pids = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = pids.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let mut children: HashMap<u32, Vec<Process>> = HashMap::new();
    let mut found = Vec::new();
    for process in pids.filter_map(Process::read) {
        if process.pid == root {
            found.push(process);
        } else {
            children.entry(process.parent).or_default().push(process);
        }
    }
    let mut next = 0;
    while let Some(process) = found.get(next) {
        found.extend(children.remove(&process.pid).unwrap_or_default());
        next += 1;
    }
    found
}

fn resident_kib(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok()).unwrap_or(0)
}

/// user, nice, system, irq, softirq of the first line; idle and iowait are not work, and steal is not ours.
fn machine_cpu(stat: &str) -> f64 {
    let ticks: Vec<u64> = stat
        .lines()
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .skip(1)
        .filter_map(|tick| tick.parse().ok())
        .collect();
    [0, 1, 2, 5, 6].iter().filter_map(|index| ticks.get(*index)).sum::<u64>() as f64 / TICKS_PER_SECOND
}

/// USER_HZ, which the kernel keeps for programs whatever it uses itself.
const TICKS_PER_SECOND: f64 = 100.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_may_hold_parentheses_and_spaces() {
        let stat = "7 (a) b (c)) S 3 7 7 0 -1 4194560 1 0 0 0 150 50 0 0 20 0 1 0 33 1000 250 0";
        let process = Process::parse(7, stat).unwrap();
        assert_eq!((process.pid, process.parent, process.cpu), (7, 3, 2.0));
        assert!(Process::parse(7, "7 (cut").is_none());
    }

    #[test]
    fn idle_and_waiting_are_not_work() {
        assert_eq!(machine_cpu("cpu  100 0 200 9999 777 100 100 55 0 0\ncpu0 1 2 3"), 5.0);
        assert_eq!(machine_cpu(""), 0.0);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_tree_has_its_children() {
        let mut child = std::process::Command::new("sleep").arg("30").spawn().unwrap();
        let pids: Vec<u32> = tree(std::process::id()).iter().map(|process| process.pid).collect();
        let sample = Sample::take(Some(std::process::id()));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(pids.contains(&std::process::id()) && pids.contains(&child.id()));
        assert!(sample.resident_kib > 100 && sample.machine_cpu > sample.own_cpu);
    }
}
