//! The programs: how each is built and started, and how it is talked to.

use crate::Options;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

/// A program that does the work.
pub struct Program {
    pub name: &'static str,
    /// What makes it: a package of this workspace; none for a script.
    package: Option<&'static str>,
    command: PathBuf,
    arguments: Vec<String>,
    /// Package in the lock file, or nothing if the program knows its version itself.
    crate_name: Option<&'static str>,
    root: PathBuf,
}

/// The name of our own program.
pub const OURS: &str = "network!";

/// Written for one network by hand, not with a library of layers.
pub fn is_by_hand(name: &str) -> bool {
    matches!(name, "SMatrix" | "DMatrix")
}

pub fn all(root: &Path, options: &Options) -> Vec<Program> {
    let own = root.join("venv/bin/python");
    let python = match std::env::var_os("BENCHMARK_PYTHON") {
        _ if own.exists() => own,
        Some(python) => PathBuf::from(python),
        None => PathBuf::from("python3"),
    };
    let rust = |name, package: &'static str, crate_name, argument: &str| Program {
        name,
        package: Some(package),
        command: root.join(target(package)).join("release").join(package),
        arguments: if argument.is_empty() {
            Vec::new()
        } else {
            vec![argument.to_owned()]
        },
        crate_name: Some(crate_name),
        root: root.to_owned(),
    };
    let script = |name, file: &str| Program {
        name,
        package: None,
        command: python.clone(),
        arguments: vec![
            root.join("peers/python")
                .join(file)
                .to_string_lossy()
                .into_owned(),
        ],
        crate_name: None,
        root: root.to_owned(),
    };
    let all = vec![
        rust(OURS, "ours", "network-core", ""),
        rust("SMatrix", "nalgebra-peer", "nalgebra", "static"),
        rust("DMatrix", "nalgebra-peer", "nalgebra", "dynamic"),
        rust("candle", "candle-peer", "candle-core", ""),
        rust("burn flex", "burn-peer", "burn", "flex"),
        rust("burn ndarray", "burn-peer", "burn", "ndarray"),
        rust("dfdx", "dfdx-peer", "dfdx", ""),
        rust("incin", "incin-peer", "incin", ""),
        script("PyTorch", "torch_peer.py"),
        script("JAX", "jax_peer.py"),
    ];
    let wanted = |program: &Program| {
        options.peers.as_ref().is_none_or(|peers| {
            let name = program.name.to_lowercase();
            peers.iter().any(|peer| {
                let peer = peer.to_lowercase();
                name.contains(&peer) || peer == "ours" && program.name == OURS
            })
        })
    };
    all.into_iter().filter(wanted).collect()
}

/// Ours is built as anybody's program is; peers get every instruction of this machine.
fn target(package: &str) -> &'static str {
    if package == "ours" {
        "target"
    } else {
        "target/native"
    }
}

/// Where ours is built with the feature `rayon`, for several threads.
const THREADS: &str = "target/threads";

/// Builds each package by itself; what does not build is left out, and said.
pub fn build(root: &Path, programs: Vec<Program>) -> Vec<Program> {
    let mut built: Vec<(&str, bool)> = Vec::new();
    let mut kept = Vec::new();
    for program in programs {
        let Some(package) = program.package else {
            kept.push(program);
            continue;
        };
        let good = match built.iter().find(|(name, _)| *name == package) {
            Some(&(_, good)) => good,
            None => {
                eprintln!("building {package}");
                let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
                cargo
                    .current_dir(root)
                    .args(["build", "--release", "--locked", "--quiet"]);
                cargo.args(["--package", package]);
                cargo.env("CARGO_TARGET_DIR", target(package));
                if package != "ours" {
                    cargo.env("RUSTFLAGS", "-C target-cpu=native");
                }
                let mut good = cargo.status().is_ok_and(|status| status.success());
                if package == "ours" {
                    cargo
                        .args(["--features", "rayon"])
                        .env("CARGO_TARGET_DIR", THREADS);
                    good &= cargo.status().is_ok_and(|status| status.success());
                }
                built.push((package, good));
                good
            }
        };
        if good {
            kept.push(program);
        } else {
            eprintln!("{} does not build and is left out", program.name);
        }
    }
    kept
}

impl Program {
    /// The version in the lock file; for ours, the version of the library's manifest.
    fn version(&self) -> Option<String> {
        let lock = std::fs::read_to_string(self.root.join("Cargo.lock")).ok()?;
        let line = format!("name = \"{}\"", self.crate_name?);
        let version = lock.lines().skip_while(|l| *l != line).nth(1)?;
        Some(
            version
                .trim_start_matches("version = ")
                .trim_matches('"')
                .to_owned(),
        )
    }

    pub fn start(&self, threads: usize) -> Result<Running, String> {
        let n = threads.to_string();
        let command = match self.package {
            Some("ours") if threads > 1 => &self.root.join(THREADS).join("release/ours"),
            _ => &self.command,
        };
        let mut child = Command::new(command)
            .args(&self.arguments)
            .env("BENCHMARK_THREADS", &n)
            .env("RAYON_NUM_THREADS", &n)
            .env("OMP_NUM_THREADS", &n)
            .env("MKL_NUM_THREADS", &n)
            .env("OPENBLAS_NUM_THREADS", &n)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| error.to_string())?;
        let input = child.stdin.take().ok_or("no standard input")?;
        let output = child.stdout.take().ok_or("no standard output")?;
        let (send, replies) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if let Some(reply) = line.strip_prefix("@ ") {
                    if send.send(reply.to_owned()).is_err() {
                        break;
                    }
                }
            }
        });
        let mut running = Running {
            child,
            input,
            replies,
            describe: String::new(),
        };
        let words = running.ask("describe", Duration::from_secs(60))?;
        let words = words
            .strip_prefix("describe")
            .unwrap_or("")
            .trim()
            .to_owned();
        running.describe = [self.version().unwrap_or_default(), words]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(", ");
        Ok(running)
    }
}

/// A program that waits for its turns.
pub struct Running {
    pub describe: String,
    child: Child,
    input: ChildStdin,
    replies: Receiver<String>,
}

impl Running {
    /// Asks, and waits for the answer.
    pub fn ask(&mut self, request: &str, patience: Duration) -> Result<String, String> {
        writeln!(self.input, "{request}")
            .and_then(|()| self.input.flush())
            .map_err(|_| "not installed, or ended".to_owned())?;
        self.replies
            .recv_timeout(patience)
            .map_err(|error| match error {
                RecvTimeoutError::Timeout => format!("no answer in {} s", patience.as_secs()),
                RecvTimeoutError::Disconnected => "not installed, or ended".to_owned(),
            })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
