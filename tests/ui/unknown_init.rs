use network_core::prelude::*;

network! {
    pub struct Net(8) -> 4 {
        init = he_norml;
        dense(4, init = xavier);
    }
}

fn main() {
    let _ = Net::boxed(1);
}
