use network_core::prelude::*;

network! {
    pub struct Net(8) -> 4 {
        stem: dense(16) -> relu;
        dense(16) -> add(sten);
        dense(4);
    }
}

fn main() {
    let _ = Net::boxed(1);
}
