use network_core::prelude::*;

network! {
    pub struct Net([3; 100]) -> 10 {
        gru(32);
        dense(10) -> softmax;
    }
}

fn main() {
    let _ = Net::boxed(1);
}
