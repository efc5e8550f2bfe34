use network_core::prelude::*;

network! {
    pub struct Net([3; 10]) -> 4 {
        summary: last -> dense(4);
        add(summary) -> last(padding = input);
    }
}

fn main() {
    let _ = Net::boxed(1);
}
