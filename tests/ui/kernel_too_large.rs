use network_core::prelude::*;

network! {
    pub struct Net(1, 28, 4) -> 10 {
        conv2d(6, kernel = 5) -> relu;
        flatten -> dense(10);
    }
}

fn main() {
    let _ = Net::boxed(1);
}
