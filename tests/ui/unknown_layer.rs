use network_core::prelude::*;

network! {
    pub struct Net(4) -> 2 {
        dens(8) -> relu;
        dense(2);
    }
}

fn main() {
    let _ = Net::boxed(1);
}
