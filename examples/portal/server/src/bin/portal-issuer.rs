//! The issuer of voting codes: `portal-issuer DIR/issuer`. It listens where its `issuer.toml` says, on this machine alone.

use std::path::Path;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use urne_portal::Failure;
use urne_portal::arguments::Arguments;
use urne_portal::issuing::{self, Desk, closings, pages};

#[tokio::main(worker_threads = 2)]
async fn main() -> Result<(), Failure> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_target(false).init();
    let arguments = Arguments::read(&[], &[])?;
    let folder = Path::new(arguments.only("the issuer's folder")?);
    let _alone = issuing::alone(folder)?;
    let desk = Desk::open(folder)?;
    let listen = desk.file.listen;
    if !listen.ip().is_loopback() {
        return Err(format!("{listen} is no address of this machine alone").into());
    }
    let office = pages::Office::new(desk)?;
    tokio::spawn(closings::watch(office.clone()));
    let listener = TcpListener::bind(listen).await.map_err(|error| format!("{listen}: {error}"))?;
    tracing::info!("the issuer listens at http://{listen}");
    let (mut end, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let stop = async move {
        tokio::select! { _ = end.recv() => (), _ = interrupt.recv() => () }
    };
    Ok(axum::serve(listener, pages::router(office)).with_graceful_shutdown(stop).await?)
}
