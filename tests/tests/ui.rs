//! Wrong declarations and what the compiler says about them: one fixture for each kind of mistake.
//!
//! The expected texts belong to the toolchain that `rust-version` names. After a
//! deliberate change run `TRYBUILD=overwrite cargo test -p network-tests --test ui`
//! and read the difference.

#[test]
fn wrong_declarations_are_explained() {
    trybuild::TestCases::new().compile_fail("ui/*.rs");
}

/// Predictions: one fixture for each kind of warning. `silenced.rs` shows what silences them.
#[test]
fn networks_that_will_not_train_are_warned_of() {
    trybuild::TestCases::new().compile_fail("ui_warnings/*.rs");
}
