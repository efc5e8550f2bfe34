use network_core::prelude::*;

network! {
    pub struct Encoder(8) -> 4 {
        dense(4) -> tanh;
    }
}

network! {
    pub struct Net(9) -> 2 {
        encoder: Encoder;
        dense(2);
    }
}

fn main() {
    let _ = Net::boxed(1);
}
