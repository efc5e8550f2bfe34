//! Runs the same work on every instruction set of this machine.

use network_core::kernels::SimdPath;
use std::fmt::Debug;
use std::sync::{Mutex, PoisonError};

/// What `task` gives on every instruction set of this machine.
///
/// The path is one for the whole process: tests beside this one that compare bits have to come
/// here as well.
pub fn on_every_path<R>(task: impl Fn() -> R) -> Vec<(SimdPath, R)> {
    static ALONE: Mutex<()> = Mutex::new(());
    let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let run = |path| {
        SimdPath::force(Some(path));
        (path, task())
    };
    let results = SimdPath::available().map(run).collect();
    SimdPath::force(None);
    drop(alone);
    results
}

/// Asserts that all paths give the same.
pub fn assert_same<R: PartialEq + Debug>(results: &[(SimdPath, R)]) {
    for pair in results.windows(2) {
        assert_eq!(pair[0].1, pair[1].1, "{} and {}", pair[0].0, pair[1].0);
    }
}
