// The sets of declarations: included by the build script, which declares them, and by the
// program, which trains them.

/// All declarations: those that the thresholds were chosen on, then fresh ones.
pub fn declarations() -> Vec<declarations::Declaration> {
    let mut all = declarations::draw("Calibration", 1, CALIBRATION);
    all.extend(declarations::draw("Fresh", 2, FRESH));
    all
}

/// Declarations on which thresholds were chosen.
pub const CALIBRATION: usize = 120;
/// Declarations on which nothing was chosen.
pub const FRESH: usize = 60;
