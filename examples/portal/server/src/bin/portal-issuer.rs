//! The issuer of voting codes. It listens where its `issuer.toml` says, on this machine alone.

use std::path::PathBuf;

use clap::Parser;
use tokio::net::TcpListener;
use urne_portal::issuing::{self, Desk, pages};
use urne_portal::{Failure, serve};

<<<<<<< HEAD
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
=======
/// The issuer of voting codes
#[derive(Parser)]
struct Arguments {
    /// DIR/issuer
    folder: PathBuf,
>>>>>>> main
}

#[tokio::main(worker_threads = 2)]
async fn main() -> Result<(), Failure> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_target(false).init();
    let Arguments { folder } = Arguments::parse();
    let _alone = issuing::alone(&folder)?;
    let desk = Desk::open(&folder)?;
    let listen = desk.file.listen;
    if !listen.ip().is_loopback() {
        return Err(format!("{listen} is no address of this machine alone").into());
    }
    let office = pages::Office::new(desk)?;
    tokio::spawn(pages::watch(office.clone()));
    let listener = TcpListener::bind(listen).await.map_err(|error| format!("{listen}: {error}"))?;
    tracing::info!("the issuer listens at http://{listen}");
    let stop = serve::told_to_stop()?;
    Ok(axum::serve(listener, pages::router(office)).with_graceful_shutdown(stop).await?)
}
