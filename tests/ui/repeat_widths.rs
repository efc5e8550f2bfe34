use network_core::prelude::*;

network! {
    pub struct Net(64) -> 10 {
        repeat(3) { dense(32) -> relu; }
        dense(10);
    }
}

fn main() {
    let _ = Net::boxed(1);
}
