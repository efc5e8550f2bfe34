//! What silences a predicted warning, also where every warning is an error: this file compiles.
#![deny(warnings)]

use network_core::prelude::*;

network! {
    #[gradient_flow(allow)]
    struct Whole(64) -> 10 {
        init = xavier_normal;
        repeat(10) { dense(64) -> sigmoid; }
        head: dense(10);
    }
}

network! {
    struct Statement(64) -> 10 {
        init = xavier_normal;
        #[gradient_flow(allow)]
        repeat(10) { dense(64) -> sigmoid; }
        head: dense(10);
    }
}

#[allow(deprecated)]
mod old {
    use network_core::prelude::*;

    network! {
        pub struct Module(64) -> 10 {
            init = xavier_normal;
            repeat(10) { dense(64) -> sigmoid; }
            head: dense(10);
        }
    }
}

/// The prediction itself stays.
#[test]
fn silenced_networks_still_have_predictions() {
    for flow in [Whole::FLOW, Statement::FLOW, old::Module::FLOW] {
        assert!(flow.decades.is_some_and(|decades| decades < -6.0));
    }
}
