//! A loopback listener with a thread for each connection. Threads and not tasks: what is measured is another process,
//! and a blocked thread wakes up sooner than an event loop gets around to it.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

/// A listener that accepts connections until it is dropped. Connections end with their client.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    stop: Arc<AtomicBool>,
}

impl Server {
    /// Listens on a free port of 127.0.0.1 and gives each connection to `serve`, in a thread of its own.
    ///
    /// # Errors
    /// When there is no free port.
    pub fn start(serve: impl Fn(TcpStream) + Clone + Send + 'static) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let server = Self {
            address: listener.local_addr()?,
            stop: Arc::new(AtomicBool::new(false)),
        };
        let stop = Arc::clone(&server.stop);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                // Without it an answer can wait 40 ms for the acknowledgement of the one before.
                if stream.set_nodelay(true).is_ok() {
                    let serve = serve.clone();
                    thread::spawn(move || serve(stream));
                }
            }
        });
        Ok(server)
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // Wakes the listener, which then sees that it shall stop.
        drop(TcpStream::connect(self.address));
    }
}
