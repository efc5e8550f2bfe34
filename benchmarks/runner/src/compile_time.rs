//! How long declarations of 3 to 1000 layers take to check and to build, what a first build with
//! all dependencies takes, and how large the programs are.

use crate::measure::median;
use crate::tables::{machine, toolchain};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

const SIZES: [usize; 4] = [3, 10, 100, 1000];
/// How often each program is checked, and how often it is built.
const ROUNDS: [usize; 2] = [9, 3];
/// The same for what is written out a thousand times.
const SLOW_ROUNDS: [usize; 2] = [3, 1];

/// How a declaration comes to its number of dense layers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Repeat,
    Residual,
    WrittenOut,
}

impl Shape {
    const ALL: [Self; 3] = [Self::Repeat, Self::Residual, Self::WrittenOut];

    fn text(self) -> &'static str {
        match self {
            Self::Repeat => "`repeat(n) { dense -> relu }`",
            Self::Residual => {
                "`repeat(n) { residual { dense -> batch_norm -> relu -> dense -> batch_norm } -> relu }`"
            }
            Self::WrittenOut => "each layer written out",
        }
    }

    /// The body of a declaration with so many dense layers.
    fn body(self, layers: usize) -> String {
        match self {
            Self::Repeat => format!("repeat({}) {{ dense(32) -> relu; }} dense(4);", layers - 1),
            Self::Residual => {
                let stem = if layers % 2 == 0 { "dense(32);" } else { "" };
                format!(
                    "{stem} repeat({}) {{ residual {{ dense(32) -> batch_norm -> relu -> dense(32) -> batch_norm }} \
                     -> relu; }} dense(4);",
                    (layers - 1) / 2
                )
            }
            Self::WrittenOut => {
                let mut body = "dense(32) -> relu;\n".repeat(layers - 1);
                body.push_str("dense(4);");
                body
            }
        }
    }

    /// A program that takes one training step.
    fn program(self, layers: usize) -> String {
        format!(
            "use network_core::prelude::*;
network! {{
    pub struct Net(32) -> 4 {{
        {}
    }}
}}
fn main() {{
    let mut net = Net::boxed(1);
    let mut workspace: Box<Workspace<Net, 16>> = Net::workspace();
    let mut gradient = <Net as Network>::gradient();
    let mut adam = Adam::new(1e-3).for_network::<Net>();
    let x = [SVector::<f32, 32>::from_element(0.5); 16];
    Network::forward(&mut *net, &x, &mut workspace);
    let loss = workspace.loss(&CrossEntropy::default(), &[1_usize; 16]);
    Network::backward(&*net, &x, &mut workspace, &mut gradient);
    adam.step(&mut net, &gradient);
    println!(\"{{loss:?}}\");
}}
",
            self.body(layers)
        )
    }

    /// How often each command is measured.
    fn rounds(self, layers: usize) -> [usize; 2] {
        if self == Self::WrittenOut && layers >= 1000 {
            SLOW_ROUNDS
        } else {
            ROUNDS
        }
    }
}

/// A package that depends on the library as a user's does.
struct Package {
    folder: PathBuf,
}

impl Package {
    fn new(root: &Path) -> Result<Self, String> {
        let folder = root.join("target/compile-time");
        let _ = fs::remove_dir_all(&folder);
        let say = |error: std::io::Error| format!("{}: {error}", folder.display());
        fs::create_dir_all(folder.join("src")).map_err(say)?;
        let core = root.join("../network-core");
        let manifest = format!(
            "[package]\nname = \"program\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
             [dependencies]\nnetwork-core = {{ path = \"{}\" }}\n\n[profile.release]\nstrip = true\n",
            core.display()
        );
        fs::write(folder.join("Cargo.toml"), manifest).map_err(say)?;
        fs::copy(root.join("../Cargo.lock"), folder.join("Cargo.lock")).map_err(say)?;
        Ok(Self { folder })
    }

    fn write(&self, program: &str) -> Result<(), String> {
        fs::write(self.folder.join("src/main.rs"), program).map_err(|error| error.to_string())
    }

    /// Seconds that a cargo command takes.
    fn cargo(&self, arguments: &[&str]) -> Result<f64, String> {
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
        cargo
            .current_dir(&self.folder)
            .args(arguments)
            .env("CARGO_INCREMENTAL", "0")
            .env_remove("RUSTFLAGS");
        cargo.env("CARGO_TARGET_DIR", self.folder.join("target"));
        let (start, before) = (Instant::now(), children_seconds());
        let output = cargo.output().map_err(|error| error.to_string())?;
        let seconds = match (before, children_seconds()) {
            (Some(before), Some(after)) => after - before,
            _ => start.elapsed().as_secs_f64(),
        };
        if output.status.success() {
            Ok(seconds)
        } else {
            Err(String::from_utf8_lossy(&output.stderr).into_owned())
        }
    }

    fn bytes(&self) -> u64 {
        fs::metadata(self.folder.join("target/release/program")).map_or(0, |file| file.len())
    }
}

/// Processor time of all ended child processes, which other programs on the machine do not
/// change.
#[cfg(unix)]
fn children_seconds() -> Option<f64> {
    use nix::sys::resource::{UsageWho, getrusage};
    use nix::sys::time::TimeValLike;
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).ok()?;
    let microseconds = (usage.user_time() + usage.system_time()).num_microseconds();
    Some(microseconds as f64 * 1e-6)
}

#[cfg(not(unix))]
fn children_seconds() -> Option<f64> {
    None
}

const COMMANDS: [(&str, &[&str]); 2] = [
    ("check", &["check", "--quiet"]),
    ("release build", &["build", "--release", "--quiet"]),
];

pub fn measure(root: &Path) -> Result<String, String> {
    let package = Package::new(root)?;
    package.write(&Shape::Repeat.program(2))?;
    package.cargo(&["fetch"])?;
    let first: Vec<f64> = COMMANDS
        .iter()
        .map(|(_, command)| package.cargo(command))
        .collect::<Result<_, _>>()?;
    eprintln!("first check and build: {first:.1?} s");

    // [shape][size][command] -> seconds by round
    let mut seconds = vec![vec![vec![Vec::new(); COMMANDS.len()]; SIZES.len()]; Shape::ALL.len()];
    let mut bytes = [0; SIZES.len()];
    for round in 0..ROUNDS[0] {
        for (s, shape) in Shape::ALL.into_iter().enumerate() {
            for (n, layers) in SIZES.into_iter().enumerate() {
                for (c, (_, command)) in COMMANDS.iter().enumerate() {
                    if round < shape.rounds(layers)[c] {
                        package.write(&shape.program(layers))?;
                        seconds[s][n][c].push(package.cargo(command)?);
                    }
                }
                if shape == Shape::Repeat {
                    bytes[n] = package.bytes();
                }
            }
            eprintln!(
                "{}: {:.2?}",
                shape.text(),
                seconds[s]
                    .iter()
                    .map(|t| [median(&t[0]), median(&t[1])])
                    .collect::<Vec<_>>()
            );
        }
    }

    let mut text = format!(
        "Seconds of processor time for a program that declares a network of so many dense layers and takes one training step, \
         dependencies built before; medians of {} checks and {} builds ({} and {} of the thousand written out):\n\n\
         | declaration | command | 3 | 10 | 100 | 1000 layers | from 3 to 100 |\n|---|---|--:|--:|--:|--:|--:|\n",
        ROUNDS[0], ROUNDS[1], SLOW_ROUNDS[0], SLOW_ROUNDS[1],
    );
    for (c, (command, _)) in COMMANDS.iter().enumerate() {
        for (s, shape) in Shape::ALL.into_iter().enumerate() {
            let times: Vec<f64> = seconds[s]
                .iter()
                .map(|times| median(&times[c]).unwrap_or(f64::NAN))
                .collect();
            let _ = write!(text, "| {} | {command} |", shape.text());
            for time in &times {
                let digits = if *time < 1.0 { 3 } else { 2 };
                let _ = write!(text, " {time:.digits$} |");
            }
            let _ = writeln!(text, " {:+.1} % |", 100.0 * (times[2] / times[0] - 1.0));
        }
    }
    let size = |bytes: u64| format!("{:.0} KiB", bytes as f64 / 1024.0);
    let _ = writeln!(
        text,
        "\nThe first check, with all dependencies: {:.1} s; the first release build: {:.1} s. \
         The program (`repeat`, stripped): {} with 3 layers, {} with 100, {} with 1000.\n\n{}. {}.",
        first[0],
        first[1],
        size(bytes[0]),
        size(bytes[2]),
        size(bytes[3]),
        machine(),
        toolchain(),
    );
    Ok(text)
}
