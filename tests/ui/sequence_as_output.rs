use network_core::prelude::*;

network! {
    pub struct Net([3; 10]) -> 4 {
        gru(4);
    }
}

fn main() {
    let _ = Net::boxed(1);
}
