use network_core::prelude::*;

network! {
    pub struct Net(8) -> 8 {
        residual { };
        dense(8);
    }
}

fn main() {
    let _ = Net::boxed(1);
}
