//! One command for the whole benchmark: builds every peer that builds, lets them take turns at
//! the same work, compares what they computed, and writes the tables into `README.md`.

mod compile_time;
mod measure;
mod programs;
mod report;
mod tables;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

const HELP: &str = "\
usage: benchmarks/run [what ...] [options]

what:
  build           build everything, measure nothing
  works           works 1 to 7 and the sequence and image works, on 1 and on 2 threads
  products        the three products of a dense layer, against the multiply-add peak
  compile-time    declarations of 3 to 1000 layers
  (without: all of it)

options:
  --no-build            measure what is built already
  --threads 1,2         numbers of threads to measure works with
  --only 1,2,4          works by name
  --peers ours,jax      programs whose name contains one of these
  --rounds 7            rounds in which the programs take turns
  --milliseconds 40     time of a program in a round
  --output FILE         where the tables go (README.md of this folder)

The Python peers run with benchmarks/venv/bin/python if it exists, else with
$BENCHMARK_PYTHON or python3; see peers/python/requirements.txt.
";

/// What was asked on the command line.
pub struct Options {
    pub what: Vec<String>,
    pub build: bool,
    pub threads: Vec<usize>,
    pub only: Option<Vec<String>>,
    pub peers: Option<Vec<String>>,
    pub rounds: usize,
    pub milliseconds: u64,
    pub output: PathBuf,
}

impl Options {
    fn parse(root: &Path) -> Result<Self, String> {
        let mut options = Self {
            what: Vec::new(),
            build: true,
            threads: vec![1, 2],
            only: None,
            peers: None,
            rounds: 7,
            milliseconds: 40,
            output: root.join("README.md"),
        };
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            let mut value = || {
                arguments
                    .next()
                    .ok_or(format!("`{argument}` needs a value"))
            };
            let list =
                |value: String| -> Vec<String> { value.split(',').map(str::to_owned).collect() };
            let number = |value: &str| {
                value
                    .parse::<usize>()
                    .map_err(|_| format!("`{value}` is not a number"))
            };
            match &*argument {
                "build" | "works" | "products" | "compile-time" => options.what.push(argument),
                "--no-build" => options.build = false,
                "--threads" => {
                    options.threads = list(value()?)
                        .iter()
                        .map(|n| number(n))
                        .collect::<Result<_, _>>()?;
                }
                "--only" => options.only = Some(list(value()?)),
                "--peers" => options.peers = Some(list(value()?)),
                "--rounds" => options.rounds = number(&value()?)?.max(1),
                "--milliseconds" => options.milliseconds = number(&value()?)?.max(1) as u64,
                "--output" => options.output = PathBuf::from(value()?),
                "--help" | "-h" => return Err(String::new()),
                _ => return Err(format!("unknown argument `{argument}`")),
            }
        }
        Ok(options)
    }

    /// Whether a part of the benchmark was asked for.
    fn wants(&self, what: &str) -> bool {
        self.what.is_empty() || self.what.iter().any(|asked| asked == what)
    }
}

fn main() -> ExitCode {
    // The runner is a package of the folder it serves.
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("a folder")
        .to_owned();
    let options = match Options::parse(&root) {
        Ok(options) => options,
        Err(reason) => {
            eprint!(
                "{}{HELP}",
                if reason.is_empty() {
                    reason
                } else {
                    format!("{reason}\n\n")
                }
            );
            return ExitCode::FAILURE;
        }
    };
    match run(&root, &options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("{reason}");
            ExitCode::FAILURE
        }
    }
}

fn run(root: &Path, options: &Options) -> Result<(), String> {
    let programs = programs::all(root, options);
    // Compile time is measured with a package of its own.
    let needed = ["build", "works", "products"];
    let programs = if options.build && needed.iter().any(|what| options.wants(what)) {
        programs::build(root, programs)
    } else {
        programs
    };
    let mut report = report::Report::open(&options.output)?;
    if options.wants("works") {
        for &threads in &options.threads {
            let results = measure::works(&programs, options, threads);
            report.replace(
                &format!("works-{threads}"),
                &tables::works(&results, threads),
            );
            report.save()?;
        }
    }
    if options.wants("products") {
        let results = measure::products(&programs, options);
        report.replace("products", &tables::products(&results));
        report.save()?;
    }
    if options.wants("compile-time") {
        report.replace("compile-time", &compile_time::measure(root)?);
        report.save()?;
    }
    Ok(())
}
