//! The portal's server.

#![forbid(unsafe_code)]

use std::io::Write;
use std::path::PathBuf;

use clap::Parser;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;
use urne_portal::config::Config;
use urne_portal::web::{App, router};
use urne_portal::{Failure, disk, serve};

/// The portal's server
#[derive(Parser)]
struct Arguments {
    /// DIR/portal/portal.toml
    settings: PathBuf,
    /// Goes on with logs whose anchors are lost
    #[arg(long)]
    without_anchor: bool,
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let arguments = Arguments::parse();
    // sqlx would write statements into the log; what is bound to them it does not.
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn"));
    // What cannot be written into a log is not said, for it would be said where it cannot be written.
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).log_internal_errors(false);
    log.with_writer(std::io::stderr).init();
    // A file that may not grow is an error of the write, and not the end of the process.
    let _full = signal(SignalKind::from_raw(25))?;
    let stop = serve::told_to_stop()?;

    let config = Config::read(&arguments.settings)?;
    // Two servers on one folder; those on one database are told apart by the numbers of the entries.
    let _alone = disk::alone(&config.own(""), "a server")?;
    let listener =
        serve::listen(&config.listen).await.map_err(|error| format!("{}: {error}", config.listen))?;
    let app = App::new(config, arguments.without_anchor).await?;
    tracing::info!("{} on {}", app.config.origin, app.config.listen);
    // Whether somebody reads it or not.
    _ = writeln!(std::io::stdout(), "{}", app.config.origin);
    serve::serve(listener, router(&app), stop).await;
    tokio::task::block_in_place(|| app.boxes.stop());
    tracing::info!("stopped");
    Ok(())
}
