use network_core::prelude::*;

network! {
    pub struct Net(16) -> 3 {
        init = he_normel;
        stem: dense(16) -> relu;
        residual { dense(16) -> relu -> dense(4) };
        dense(8, bais = true) -> add(steem);
        dense(8) -> dropout(2.0);
        dense(3);
    }
}

fn main() {
    let _ = Net::boxed(1);
}
