// The sets of declarations: included by the build script, which declares them, and by the
// programs, which train them.

/// All declarations: of the calibration's, on which rules and edits were worked out, those that
/// fail and every second of the others; then ones on which nothing was.
pub fn declarations() -> Vec<declarations::Declaration> {
    let mut all = declarations::draw("Calibration", 1, 120);
    all.extend(declarations::draw("Fresh", 2, 60));
    let failing = failing();
    let mut index = 0;
    all.retain(|declaration| {
        index += 1;
        index % 2 == 0 || failing.contains(&declaration.name)
    });
    all.extend(declarations::draw(UNSEEN, 4, 50));
    all
}

/// How the names of declarations begin on which nothing was worked out.
pub const UNSEEN: &str = "Unseen";

/// The calibration's networks that fail on a task with SGD or Adam.
fn failing() -> std::collections::BTreeSet<String> {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/calibration/runs.csv");
    let rows = csv::Reader::from_path(file).map(|mut reader| {
        let rows = reader.deserialize::<(String, String, String, u64, f64, f64, f64)>();
        rows.collect::<Result<Vec<_>, _>>().expect("the runs are as they were written")
    });
    let mut losses = std::collections::BTreeMap::<_, Vec<f64>>::new();
    for (network, task, optimizer, _, low, middle, high) in rows.expect("the runs are there") {
        if optimizer != "sgd" && optimizer != "adam" {
            continue;
        }
        let best = low.min(middle).min(high);
        losses.entry((network, task, optimizer)).or_default().push(best);
    }
    (losses.into_iter())
        .filter(|(_, losses)| {
            let mut losses = losses.clone();
            losses.sort_by(f64::total_cmp);
            losses[losses.len() / 2] >= 0.5 * 10.0_f64.ln()
        })
        .map(|((network, ..), _)| network)
        .collect()
}
