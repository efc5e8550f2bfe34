use network_core::prelude::*;

network! {
    pub struct Net([3; 100]) -> 10 {
        lstm(32, bidirectional = true);
        conv1d(16, kernel = 3, padding = 1) -> relu;
        mean_over_steps(padding = input) -> dense(10);
    }
}

fn main() {
    let _ = Net::boxed(1);
}
