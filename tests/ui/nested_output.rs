use network_core::prelude::*;

network! {
    #[gradient_flow(allow)]
    pub struct Encoder([3; 100]) -> [4; 100] {
        gru(4);
    }
}

network! {
    #[gradient_flow(allow)]
    pub struct Net([3; 100]) -> 2 {
        encoder: Encoder(output = [8; 100]);
        gru(5) -> last -> dense(2);
    }
}

fn main() {
    let _ = Net::boxed(1);
}
