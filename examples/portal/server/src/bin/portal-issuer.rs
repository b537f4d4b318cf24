//! The issuer of voting codes. It listens where its `issuer.toml` says, on this machine alone.

use std::path::PathBuf;

use clap::Parser;
use tokio::net::TcpListener;
use urne_portal::issuing::{Desk, closings, pages};
use urne_portal::{Failure, disk, serve};

/// The issuer of voting codes
#[derive(Parser)]
struct Arguments {
    /// DIR/issuer
    folder: PathBuf,
}

#[tokio::main(worker_threads = 2)]
async fn main() -> Result<(), Failure> {
    // What cannot be written into a log is not said, for it would be said where it cannot be written.
    let log = tracing_subscriber::fmt().with_target(false).log_internal_errors(false);
    log.with_writer(std::io::stderr).init();
    let Arguments { folder } = Arguments::parse();
    let _alone = disk::alone(&folder, "an issuer or a setup")?;
    let desk = Desk::open(&folder)?;
    let listen = desk.file.listen;
    if !listen.ip().is_loopback() {
        return Err(format!("{listen} is no address of this machine alone").into());
    }
    let office = pages::Office::new(desk)?;
    tokio::spawn(closings::watch(office.clone()));
    let listener = TcpListener::bind(listen).await.map_err(|error| format!("{listen}: {error}"))?;
    tracing::info!("the issuer listens at http://{listen}");
    let stop = serve::told_to_stop()?;
    Ok(axum::serve(listener, pages::router(office)).with_graceful_shutdown(stop).await?)
}
