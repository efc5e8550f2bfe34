use network_core::prelude::*;

network! {
    pub struct Net(1, 28, 28) -> (6, 28, 28) {
        conv2d(6, kernel = 5) -> relu;
        residual { conv2d(6, kernel = 3) -> relu };
    }
}

fn main() {
    let _ = Net::boxed(1);
}
