use network_core::prelude::*;

network! {
    pub struct Net(6, 8, 8) -> 10 {
        conv2d(8, kernel = 3, groups = 4) -> relu;
        flatten -> dense(10);
    }
}

fn main() {
    let _ = Net::boxed(1);
}
