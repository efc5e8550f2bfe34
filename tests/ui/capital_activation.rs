use network_core::prelude::*;

network! {
    pub struct Net(8) -> 4 {
        dense(16) -> ReLU;
        dense(16) -> BatchNorm1d -> Tanh;
        linear(4);
    }
}

fn main() {
    let _ = Net::boxed(1);
}
