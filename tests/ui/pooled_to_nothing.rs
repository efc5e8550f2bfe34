use network_core::prelude::*;

network! {
    pub struct Net(1, 6, 6) -> 10 {
        conv2d(8, kernel = 3) -> relu -> max_pool2d(2);
        conv2d(16, kernel = 2) -> relu -> max_pool2d(2);
        flatten -> dense(10);
    }
}

fn main() {
    let _ = Net::boxed(1);
}
