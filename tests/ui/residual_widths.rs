use network_core::prelude::*;

network! {
    pub struct Net(64) -> 64 {
        residual { dense(32) -> relu };
        dense(64);
    }
}

fn main() {
    let _ = Net::boxed(1);
}
