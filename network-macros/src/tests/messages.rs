//! Every message of the macro, with a declaration that earns it and nothing else.
//!
//! Where the messages point is tested with a compiler, in `tests/ui`.

mod arguments;
mod declarations;
mod images;
mod sequences;
mod statements;

use super::resolved;
use expect_test::Expect;

/// Asserts what is said of a whole declaration.
#[track_caller]
fn says(declaration: &str, expected: Expect) {
    let messages = resolved(declaration).err().unwrap_or_default();
    expected.assert_eq(&messages.join("\n"));
}

/// Asserts what is said of these statements in a network from 8 to 4.
#[track_caller]
fn body_says(body: &str, expected: Expect) {
    says(&format!("pub struct Net(8) -> 4 {{ {body} }}"), expected);
}
