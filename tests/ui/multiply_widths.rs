use network_core::prelude::*;

network! {
    pub struct Net(8) -> 4 {
        gate: dense(6) -> sigmoid;
        dense(4) -> multiply(gate);
    }
}

fn main() {
    let _ = Net::boxed(1);
}
