use network_core::prelude::*;

network! {
    pub struct Net(4) -> 3 {
        hidden: dense(8) -> relu;
        dense(10);
    }
}

fn main() {
    let _ = Net::boxed(1);
}
