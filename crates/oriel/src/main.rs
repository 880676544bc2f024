//! The binary: flags, settings, start-up. Each command is a short list of `open_…` and `start_…` calls; what they do lives in the
//! rooms.

mod agent;
mod cli;
mod client;
mod file;
mod logs;
mod measure;
mod offline;
mod rows;
mod server;
mod settings;
mod shape;

use clap::Parser;
use cli::{AgentCommand, Cli, Command};
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Anything that ends a command; its text is for people.
type Outcome<T = ()> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Prints an answer; a reader that has gone (`| head`) is no error.
fn show(text: &str) -> Outcome {
    show_bytes(text.as_bytes())
}

fn show_bytes(bytes: &[u8]) -> Outcome {
    match std::io::Write::write_all(&mut std::io::stdout(), bytes) {
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => Err(e.into()),
        _ => Ok(()),
    }
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    // Fails only when a provider is installed already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime =
        match tokio::runtime::Builder::new_multi_thread().enable_all().thread_name("oriel-io").build() {
            Ok(runtime) => runtime,
            Err(e) => return failed(&e),
        };
    let done = runtime.block_on(run(cli));
    // Threads that still block (a query nobody waits for) don't hold the process.
    runtime.shutdown_timeout(std::time::Duration::from_secs(1));
    match done {
        Ok(code) => code,
        Err(e) => failed(&*e),
    }
}

async fn run(cli: Cli) -> Outcome<ExitCode> {
    let file = file::SettingsFile::open(cli.config.as_deref())?;
    match cli.command {
        Command::Server(flags) => {
            logs::start(cli.log.as_deref());
            server::run(settings::server(*flags, &file)?).await?;
        }
        Command::Agent(flags) => match flags.command {
            Some(AgentCommand::Status { data }) => {
                agent::status(&settings::data(data.or(flags.run.data), &file)?).await?
            }
            None => {
                logs::start(cli.log.as_deref());
                agent::run(settings::agent(flags.run, &file)?).await?;
            }
        },
        Command::Query(flags) => client::query(flags, &file).await?,
        Command::Compact(flags) => client::compact(flags, &file).await?,
        Command::Check { data } => return offline::check(&settings::data(data, &file)?).await,
    }
    Ok(ExitCode::SUCCESS)
}

fn failed(error: &(dyn std::error::Error + Send + Sync)) -> ExitCode {
    eprintln!("oriel: {error}");
    ExitCode::FAILURE
}
