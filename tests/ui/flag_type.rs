use network_core::prelude::*;

network! {
    pub struct Net(8) -> 4 {
        dense(4, bias = 0);
    }
}

fn main() {
    let _ = Net::boxed(1);
}
