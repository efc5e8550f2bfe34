use network_core::prelude::*;

network! {
    pub struct Net(8, 8) -> 4 {
        dense(4);
    }
}

fn main() {
    let _ = Net::boxed(1);
}
