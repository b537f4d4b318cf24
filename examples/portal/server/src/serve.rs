//! Connections: as many at a time as there may be, none that only begins, and a stop that answers what was asked.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::{Extension, Router};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use socket2::SockRef;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Semaphore;
use tower::Layer;

use crate::sessions::From;

/// How long the head of a request may take to come.
const HEAD: Duration = Duration::from_secs(10);
/// How long those may take that are being answered when it stops.
const LAST: Duration = Duration::from_secs(35);
const MOST_CONNECTIONS: usize = 4_096;
/// How many may wait to be taken. When a vote opens many come at once, and of those beyond it (128 by default) each tries
/// again a second later.
const WAITING: i32 = 4_096;

/// Listens at the first of an address's places that can be had.
pub async fn listen(address: &str) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(address).await?;
    SockRef::from(&listener).listen(WAITING)?;
    Ok(listener)
}

/// Is done when the process is told to end.
pub fn told_to_stop() -> io::Result<impl Future<Output = ()>> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! { _ = terminate.recv() => (), _ = interrupt.recv() => () }
    })
}

/// Serves until `stop` is done, and then what has been asked.
pub async fn serve(listener: TcpListener, router: Router, stop: impl Future<Output = ()>) {
    let mut http = hyper::server::conn::http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD);
    let (going, places) = (GracefulShutdown::new(), Arc::new(Semaphore::new(MOST_CONNECTIONS)));
    let mut stop = std::pin::pin!(stop);
    loop {
        let Ok(place) = places.clone().acquire_owned().await else { break };
        let taken = tokio::select! { taken = listener.accept() => taken, () = &mut stop => break };
        let (stream, from) = match taken {
            Ok(taken) => taken,
            Err(error) => {
                // Out of descriptors, for example: others end.
                tracing::warn!("a connection was not taken: {error}");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let _ = stream.set_nodelay(true);
        let service = TowerToHyperService::new(Extension(From(from.ip())).layer(router.clone()));
        let connection = going.watch(http.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            // What a client does to its connection is no error of ours.
            let _ = connection.await;
            drop(place);
        });
    }
    drop(listener);
    if tokio::time::timeout(LAST, going.shutdown()).await.is_err() {
        tracing::warn!("some requests were not answered when the server stopped");
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpStream;

    use super::*;

    #[tokio::test]
    async fn many_may_come_at_once() {
        let listener = listen("localhost:0").await.unwrap();
        let place = listener.local_addr().unwrap();
        // Nobody takes them meanwhile.
        let come = |_| TcpStream::connect_timeout(&place, Duration::from_millis(500));
        let here: Vec<_> = (0..300).map_while(|n| come(n).ok()).collect();
        assert_eq!(here.len(), 300);
        let taken = listen(&place.to_string()).await.unwrap_err();
        assert_eq!(taken.kind(), io::ErrorKind::AddrInUse);
    }
}
