use network_core::prelude::*;

network! {
    pub struct Net(8) -> 4 {
        stem: dense(8);
        repeat(2) { dense(8) -> add(stem); }
        dense(4);
    }
}

fn main() {
    let _ = Net::boxed(1);
}
