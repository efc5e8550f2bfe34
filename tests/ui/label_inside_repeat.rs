use network_core::prelude::*;

network! {
    pub struct Net(8) -> 4 {
        blocks: repeat(3) { inside: dense(8) -> relu; }
        dense(8) -> add(inside);
        dense(4);
    }
}

fn main() {
    let _ = Net::boxed(1);
}
