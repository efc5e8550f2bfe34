use network_core::prelude::*;

const HIDDEN: usize = 32;

network! {
    pub struct Net(8) -> 4 {
        stem: dense(HIDDEN) -> relu;
        dense(16) -> add(stem);
        dense(4);
    }
}

fn main() {
    let _ = Net::boxed(1);
}
