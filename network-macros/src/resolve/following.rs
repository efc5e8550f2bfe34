//! What comes after a layer: initialisers fit the activation that follows.

use crate::init::Following;
use crate::layers::{self, Role};
use crate::syntax::{Call, Item};

/// What comes after a body: for initialisers, and for layers that must be last.
pub(super) enum Tail<'a> {
    Network,
    Repeat,
    Residual {
        rest: &'a [Call],
        statements: &'a [Item],
        outer: &'a Tail<'a>,
    },
}

impl Tail<'_> {
    fn following(&self) -> Option<Following> {
        match self {
            Tail::Network | Tail::Repeat => None,
            Tail::Residual {
                rest,
                statements,
                outer,
            } => following(rest, statements, outer),
        }
    }

    pub(super) fn is_end(&self) -> bool {
        match self {
            Tail::Network => true,
            Tail::Repeat | Tail::Residual { .. } => false,
        }
    }
}

/// The activation that comes first in what follows, seen through norms and dropout.
pub(super) fn following(rest: &[Call], statements: &[Item], tail: &Tail<'_>) -> Option<Following> {
    let later = statements.iter().filter_map(|item| match item {
        Item::Statement(statement) => Some(&statement.chain),
        Item::Setting(_) | Item::Unreadable { .. } => None,
    });
    for call in rest.iter().chain(later.flatten()) {
        match layers::find(&call.word()).map(|row| row.role) {
            Some(Role::Activation(role)) => return Some(role(call)),
            Some(Role::Transparent) => {}
            Some(Role::Other) | None => return None,
        }
    }
    tail.following()
}
