use network_core::prelude::*;

network! {
    pub struct Net(8) -> 4 {
        dense(4) -> batch_norm(epsilon = -1.0) -> dropout(1.0);
    }
}

fn main() {
    let _ = Net::boxed(1);
}
