use network_core::prelude::*;

network! {
    #[gradient_flow(allow)]
    pub struct Net([3; 100]) -> [10; 100] {
        lstm(32, bidirectional = true);
        dense(10);
    }
}

network! {
    #[gradient_flow(allow)]
    pub struct Parts([3; 100]) -> [2; 100] {
        encoder: Net(output = [10; 100]);
        gru(2);
    }
}

fn main() {
    let net = Net::boxed(1);
    let mut state = Net::state();
    let _ = net.step(&SVector::zeros(), &mut state);
    let _ = Parts::state();
}
