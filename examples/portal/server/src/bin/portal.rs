//! The portal's server: `portal DIR/portal/portal.toml [--without-anchor]`.

#![forbid(unsafe_code)]

use std::path::Path;

use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;
use urne_portal::arguments::Arguments;
use urne_portal::config::Config;
use urne_portal::web::{App, router};
use urne_portal::{Failure, serve};

const USAGE: &str = "portal DIR/portal/portal.toml [--without-anchor]";

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let arguments = Arguments::read(&["without-anchor"], &[]);
    let arguments = arguments.map_err(|error| format!("usage: {USAGE}: {error}"))?;
    let file = arguments.only(USAGE)?;
    // sqlx would write statements into the log; what is bound to them it does not.
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn"));
    // A log that cannot be written is no end of whatever writes it, which it would be by default.
    tracing_subscriber::fmt()
        .log_internal_errors(false)
        .with_env_filter(filter)
        .with_ansi(false)
        .with_writer(std::io::stderr)
        .init();
    // A file that may not grow is an error of the write, and not the end of the process.
    let _full = signal(SignalKind::from_raw(25))?;
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);

    let config = Config::read(Path::new(file))?;
    // Two servers on one folder; those on one database are told apart by the numbers of the entries.
    let lock = std::fs::File::create(config.own("lock"))?;
    lock.try_lock()
        .map_err(|error| format!("{}: a server is running here: {error}", config.own("").display()))?;
    let listener =
        serve::listen(&config.listen).await.map_err(|error| format!("{}: {error}", config.listen))?;
    let app = App::new(config, arguments.has("without-anchor")).await?;
    tracing::info!("{} on {}", app.config.origin, app.config.listen);
    println!("{}", app.config.origin);
    let stop = async move {
        tokio::select! { _ = terminate.recv() => (), _ = interrupt.recv() => () }
    };
    serve::serve(listener, router(&app), stop).await;
    let boxes = app.boxes.clone();
    tokio::task::spawn_blocking(move || boxes.stop()).await?;
    tracing::info!("stopped");
    Ok(())
}
