//! The work written by hand with nalgebra, as a careful user would: buffers made once, products
//! into them (`gemm`, `gemm_tr`), one loop for Adam. The first argument chooses `static`
//! (`SMatrix`) or `dynamic` (`DMatrix`) sizes; the code is the same.

mod dynamic;
mod fixed;
mod steps;

use harness::{Measured, Peer, Skip, Work};

fn is_static() -> bool {
    std::env::args().nth(1).as_deref() != Some("dynamic")
}

struct Nalgebra;

impl Peer for Nalgebra {
    fn describe() -> String {
        if is_static() { "SMatrix" } else { "DMatrix" }.to_owned()
    }

    fn prepare(work: &Work, threads: usize) -> Result<Measured, Skip> {
        if threads > 1 {
            return Err("one thread only".into());
        }
        if is_static() {
            fixed::net::prepare(work)
        } else {
            dynamic::net::prepare(work)
        }
    }
}

fn main() {
    harness::serve::<Nalgebra>();
}
