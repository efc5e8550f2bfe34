use network_core::prelude::*;

network! {
    pub struct Net(784) -> 10 {
        dense(512) -> relu;
        dense(10);
    }
}

fn main() {
    let _ = Net::new(1);
}
