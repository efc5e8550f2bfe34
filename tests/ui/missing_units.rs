use network_core::prelude::*;

network! {
    pub struct Net(4) -> 2 {
        dense -> relu;
        dense(2);
    }
}

fn main() {
    let _ = Net::boxed(1);
}
