use network_core::prelude::*;

network! {
    pub struct Net([3; 10]) -> 4 {
        features: gru(4);
        last -> concat(features) -> dense(4);
    }
}

fn main() {
    let _ = Net::boxed(1);
}
