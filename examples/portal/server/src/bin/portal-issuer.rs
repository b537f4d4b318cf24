//! The issuer of voting codes: `portal-issuer DIR/issuer`. It listens where its `issuer.toml` says, on this machine alone.

use std::path::Path;
use std::process::ExitCode;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use urne_portal::Failure;
use urne_portal::arguments::Arguments;
use urne_portal::issuing::{self, Desk, pages};

fn main() -> ExitCode {
    // A log that cannot be written is no end of whatever writes it, which it would be by default.
    tracing_subscriber::fmt()
        .log_internal_errors(false)
        .with_writer(std::io::stderr)
        .with_target(false)
        .init();
    let folder = Arguments::read(&[], &[]).and_then(|all| Ok(all.only("the issuer's folder")?.to_owned()));
    let folder = match folder {
        Ok(folder) => folder,
        Err(error) => {
            eprintln!("portal-issuer: {error}");
            return ExitCode::from(2);
        }
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let served =
        runtime.map_err(Failure::from).and_then(|runtime| runtime.block_on(serve(Path::new(&folder))));
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("portal-issuer: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(folder: &Path) -> Result<(), Failure> {
    let _alone = issuing::alone(folder)?;
    let desk = Desk::open(folder)?;
    if !desk.file.listen.ip().is_loopback() {
        return Err(format!("{} is no address of this machine alone", desk.file.listen).into());
    }
    let listen = desk.file.listen;
    let office = pages::Office::new(desk)?;
    tokio::spawn(pages::watch(office.clone()));
    let listener = TcpListener::bind(listen).await.map_err(|error| format!("{listen}: {error}"))?;
    tracing::info!("the issuer listens at http://{listen}");
    let (mut end, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let stop = async move {
        tokio::select! { _ = end.recv() => (), _ = interrupt.recv() => () }
    };
    Ok(axum::serve(listener, pages::router(office)).with_graceful_shutdown(stop).await?)
}
