use network_core::prelude::*;

network! {
    pub struct Net(1, 28, 28) -> 10 {
        dense(10);
    }
}

fn main() {
    let _ = Net::boxed(1);
}
