use network_core::prelude::*;

network! {
    #[gradient_flow(deny, optimizer = adma)]
    pub struct Net(8) -> 4 {
        dense(16) -> relu;
        #[gradient_flow(optimizer = adam)]
        dense(4);
    }
}

network! {
    #[gradient_flow(optimizer)]
    pub struct Other(8) -> 4 {
        dense(4);
    }
}

fn main() {
    let _ = (Net::boxed(1), Other::boxed(1));
}
