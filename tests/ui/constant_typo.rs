use network_core::prelude::*;

const HIDDEN: usize = 8;

network! {
    pub struct Net(HIDDEN) -> 4 {
        dense(HIDEN) -> relu;
        dense(4);
    }
}

fn main() {
    let _ = Net::boxed(1);
}
