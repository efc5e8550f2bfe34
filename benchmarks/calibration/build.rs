//! Writes the random declarations as `network!` invocations, in files that a module includes.

use std::fmt::Write;
use std::path::Path;

include!("src/sets.rs");

/// Networks in a file.
const IN_FILE: usize = 30;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=src/sets.rs");
    let out = std::env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    let mut modules = String::new();
    let mut visits = String::new();
    let all = declarations();
    for (file, part) in all.chunks(IN_FILE).enumerate() {
        let mut text = String::from("use network_core::prelude::*;\n");
        for declaration in part {
            let _ = writeln!(text, "{declaration}");
            // Once more, judged for other optimisers.
            let name = &declaration.name;
            for (optimizer, suffix) in [("adam", "Adam"), ("rms_prop", "RmsProp")] {
                let judged = declaration
                    .to_string()
                    .replace(
                        "gradient_flow(allow)",
                        &format!("gradient_flow(allow, optimizer = {optimizer})"),
                    )
                    .replace(
                        &format!("struct {name}("),
                        &format!("struct {name}{suffix}("),
                    );
                let _ = writeln!(text, "{judged}");
            }
            let path = format!("part_{file}::{name}");
            let _ = writeln!(
                visits,
                "    visitor.visit::<{path}, {path}Adam, {path}RmsProp>();"
            );
        }
        let path = Path::new(&out).join(format!("part_{file}.rs"));
        std::fs::write(&path, text).expect("OUT_DIR can be written");
        let _ = writeln!(modules, "#[path = {path:?}] mod part_{file};");
    }
    let text = format!(
        "{modules}\n/// Shows every network to `visitor`, in the order of [`declarations`].\n\
         pub fn visit(visitor: &mut impl Visitor) {{\n{visits}}}\n"
    );
    std::fs::write(Path::new(&out).join("networks.rs"), text).expect("OUT_DIR can be written");
}
