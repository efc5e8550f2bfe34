use network_core::prelude::*;

network! {
    #[gradient_flow(deny)]
    pub struct Net([2; 400]) -> 1 {
        memory: lstm(32, forget_bias = 0.0);
        last -> dense(1);
    }
}

network! {
    #[gradient_flow(deny)]
    pub struct Plain([2; 400]) -> 1 {
        rnn(32, recurrent_init = normal(0.0, 0.1));
        last -> dense(1);
    }
}

network! {
    #[gradient_flow(deny)]
    pub struct Fine([2; 400]) -> 1 {
        lstm(32, forget_bias = chrono);
        last -> dense(1);
    }
}

fn main() {
    let _ = (Net::boxed(1), Plain::boxed(1), Fine::boxed(1));
}
