//! What the theory costs in a declaration of a thousand layers; as a user's compiler runs it:
//!
//! ```sh
//! CARGO_PROFILE_DEV_OPT_LEVEL=0 cargo test -p network-macros thousand -- --nocapture
//! ```

use super::resolved;
use crate::prediction;
use std::time::Instant;

/// The body of each network, and whether it is written out a thousand times instead of repeated.
const BODIES: &[(&str, bool)] = &[
    ("dense(64) -> sigmoid;", false),
    ("dense(64) -> sigmoid;", true),
    ("dense(64) -> tanh;", false),
    ("dense(64) -> relu;", false),
    ("dense(64) -> relu;", true),
    ("dense(64) -> gelu;", false),
    ("dense(64) -> gelu;", true),
    ("dense(64) -> batch_norm -> relu;", false),
    ("dense(64) -> layer_norm -> silu;", true),
    (
        "residual { dense(64) -> batch_norm -> relu -> dense(64) -> batch_norm } -> relu;",
        false,
    ),
    ("residual { layer_norm -> relu -> dense(64) };", true),
];

#[test]
fn a_thousand_layers_are_predicted() {
    println!("milliseconds for prediction and remedies:");
    for (body, written_out) in BODIES {
        let times = 1000 / body.matches("dense").count();
        let layers = if *written_out {
            body.repeat(times)
        } else {
            format!("repeat({times}) {{ {body} }}")
        };
        let network = resolved(&format!(
            "struct Thousand(64) -> 10 {{ dense(64); {layers} dense(10); }}"
        ));
        let network = network.expect("a declaration without mistakes");
        // The least of a few: what else the machine does is not counted.
        let mut least = f64::INFINITY;
        let mut prediction = prediction::Prediction::default();
        for _ in 0..5 {
            let start = Instant::now();
            prediction = prediction::predict(&network);
            least = least.min(start.elapsed().as_secs_f64());
        }
        println!(
            "{:>7.1}  {} {body}",
            1e3 * least,
            if *written_out { "1000 x" } else { "repeat" },
        );
        let flow = prediction.constant(&network, &quote::quote!(::network_core));
        assert!(!flow.is_empty());
    }
}
