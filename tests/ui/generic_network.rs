use network_core::prelude::*;

network! {
    pub struct Net<const H: usize>(8) -> 4 {
        dense(H) -> relu;
        dense(4);
    }
}

fn main() {}
