//! Writes the drawn declarations, and those that [`observe`](src/bin/observe.rs) edited, as
//! `network!` invocations in files that the two programs include.

use std::fmt::Write;
use std::path::Path;

include!("src/sets.rs");

/// Networks in a file.
const IN_FILE: usize = 30;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=src/sets.rs");
    println!("cargo::rerun-if-changed=../../docs/calibration/runs.csv");
    println!("cargo::rerun-if-changed=edited.csv");
    println!("cargo::rerun-if-env-changed=DIAGNOSIS_ONLY");
    let drawn = declarations().into_iter();
    let drawn = drawn.map(|declaration| (declaration.name.clone(), declaration.to_string()));
    write("drawn", &drawn.collect::<Vec<_>>());
    let edited = csv::Reader::from_path("edited.csv").map_or_else(
        |_| Vec::new(),
        |mut reader| {
            let rows = reader.deserialize::<(String, String)>();
            rows.map(|row| row.expect("edited.csv has names and sources"))
                .map(|(name, source)| {
                    let text = format!("network! {{\n#[gradient_flow(allow)]\n{source}\n}}\n");
                    (name, text)
                })
                .collect()
        },
    );
    write("edited", &edited);
}

fn write(set: &str, networks: &[(String, String)]) {
    let out = std::env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    // Of some networks alone, to try a change: beginnings of their names, with commas between.
    let only = std::env::var("DIAGNOSIS_ONLY").ok();
    let wanted = |name: &str| {
        only.as_deref()
            .is_none_or(|only| only.split(',').any(|start| name.starts_with(start)))
    };
    let networks: Vec<_> = (networks.iter()).filter(|(name, _)| wanted(name)).collect();
    let mut modules = String::new();
    let mut visits = String::new();
    for (file, part) in networks.chunks(IN_FILE).enumerate() {
        let mut text = String::from("use network_core::prelude::*;\n");
        for (name, declaration) in part {
            let _ = writeln!(text, "{declaration}");
            let _ = writeln!(visits, "    visitor.visit::<part_{file}::{name}>();");
        }
        let path = Path::new(&out).join(format!("{set}_{file}.rs"));
        std::fs::write(&path, text).expect("OUT_DIR can be written");
        let _ = writeln!(modules, "#[path = {path:?}] mod part_{file};");
    }
    let text = format!(
        "{modules}\n/// Shows every network to `visitor`, in order.\n\
         pub fn visit(visitor: &mut impl Visitor) {{\n{visits}}}\n"
    );
    std::fs::write(Path::new(&out).join(format!("{set}.rs")), text)
        .expect("OUT_DIR can be written");
}
