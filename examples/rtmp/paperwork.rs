//! `rtmp completions` and `rtmp man`: what packagers install beside the program.

use crate::cli::Cli;
use crate::dump::DumpOptions;
use crate::failure::Failure;
use clap::{Args, Command, CommandFactory};
use clap_complete::Shell;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Prints completions for a shell
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  rtmp completions bash > /etc/bash_completion.d/rtmp
  rtmp completions zsh > ~/.zfunc/_rtmp
  rtmp completions fish > ~/.config/fish/completions/rtmp.fish")]
pub(crate) struct Completions {
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

/// Prints the manual page, or writes one for each subcommand to a directory
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  rtmp man | man -l -
  rtmp man /usr/share/man/man1")]
pub(crate) struct Man {
    #[arg(value_name = "DIR")]
    directory: Option<PathBuf>,
}

impl Completions {
    pub(crate) fn run(&self) -> Result<(), Failure> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut whole_command(), "rtmp", &mut script);
        print(&script)
    }
}

impl Man {
    pub(crate) fn run(&self) -> Result<(), Failure> {
        let mut command = whole_command();
        command.build();
        let Some(directory) = &self.directory else { return print(&page(&command)?) };
        write_page(directory, "rtmp", &command)?;
        for subcommand in command.get_subcommands().filter(|subcommand| subcommand.get_name() != "help") {
            let name = format!("rtmp-{}", subcommand.get_name());
            write_page(directory, &name, &subcommand.clone().name(name.clone()))?;
        }
        Ok(())
    }
}

/// With rtmpdump's options in the place of the stand-in for them.
fn whole_command() -> Command {
    Cli::command().mut_subcommand("dump", |stand_in| {
        let about = stand_in.get_about().cloned().unwrap_or_default();
        DumpOptions::command().name("dump").about(about)
    })
}

fn page(command: &Command) -> Result<Vec<u8>, Failure> {
    let mut page = Vec::new();
    clap_mangen::Man::new(command.clone()).render(&mut page).map_err(Failure::arguments)?;
    Ok(page)
}

fn write_page(directory: &Path, name: &str, command: &Command) -> Result<(), Failure> {
    let path = directory.join(format!("{name}.1"));
    fs::write(&path, page(command)?).map_err(|error| Failure::file(path.display(), error))
}

fn print(bytes: &[u8]) -> Result<(), Failure> {
    match io::stdout().write_all(bytes) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::file("standard output", error)),
        _ => Ok(()),
    }
}
