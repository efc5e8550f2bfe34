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

network! {
    #[gradient_flow(allow)]
    pub struct Flat([3; 100]) -> 10 {
        conv1d(8, kernel = 3);
        flatten;
        dense(10);
    }
}

network! {
    #[gradient_flow(allow)]
    pub struct Vector(3) -> 10 {
        dense(10);
    }
}

fn main() {
    let net = Net::boxed(1);
    let mut state = Net::state();
    let _ = net.step(&SVector::zeros(), &mut state);
    let _ = Parts::state();
    let _ = Flat::boxed(1).step(&SVector::zeros(), &mut ());
    let _ = Vector::boxed(1).step(&SVector::zeros(), &mut ());
}
