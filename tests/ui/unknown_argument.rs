use network_core::prelude::*;

network! {
    pub struct Net(4) -> 2 {
        dense(2, biass = false);
    }
}

fn main() {
    let _ = Net::boxed(1);
}
