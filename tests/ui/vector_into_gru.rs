use network_core::prelude::*;

network! {
    pub struct Net(8) -> 4 {
        dense(16) -> relu;
        gru(4) -> last;
    }
}

fn main() {
    let _ = Net::boxed(1);
}
