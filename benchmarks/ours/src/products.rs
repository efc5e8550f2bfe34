//! Work 8: the kernels of `dense`.

use harness::{Measured, Product, Skip, data};
use network_core::kernels::{SimdPath, dense_d_input, dense_d_weight, dense_forward};
use std::hint::black_box;

struct State {
    path: SimdPath,
    weight: Vec<f32>,
    x: Vec<f32>,
    d_y: Vec<f32>,
    result: Vec<f32>,
}

fn product<const INPUT: usize, const OUTPUT: usize>(product: Product, batch: usize) -> Measured {
    let (weight, x, d_y) = data::product(INPUT, OUTPUT, batch);
    let result = match product {
        Product::Forward => OUTPUT * batch,
        Product::InputGradient => INPUT * batch,
        Product::WeightGradient => INPUT * OUTPUT,
    };
    let state = State {
        path: SimdPath::detect(),
        weight,
        x,
        d_y,
        result: vec![0.0; result],
    };
    let call = move |s: &mut State| {
        let (weight, x, d_y) = (black_box(&s.weight), black_box(&s.x), black_box(&s.d_y));
        match product {
            Product::Forward => {
                dense_forward::<f32, INPUT, OUTPUT>(s.path, weight, &[], x, &mut s.result);
            }
            Product::InputGradient => {
                dense_d_input::<f32, INPUT, OUTPUT>(s.path, weight, d_y, &mut s.result);
            }
            Product::WeightGradient => {
                let d_weight = &mut s.result;
                dense_d_weight::<f32, INPUT, OUTPUT>(s.path, x, d_y, d_weight, &mut [], false);
            }
        }
        black_box(&s.result);
    };
    Measured::call(state, call, |s| s.result.clone())
}

macro_rules! sizes {
    ($which:expr, $input:expr, $output:expr, $batch:expr; $($i:literal $o:literal),*) => {
        match ($input, $output) {
            $(($i, $o) => product::<$i, $o>($which, $batch),)*
            (input, output) => return Err(format!("no kernel of {input}x{output} was built").into()),
        }
    };
}

pub fn prepare(
    which: Product,
    input: usize,
    output: usize,
    batch: usize,
) -> Result<Measured, Skip> {
    Ok(sizes!(which, input, output, batch;
        4 32, 32 16, 16 4, 8 64, 64 4, 64 10, 8 8, 16 16, 32 32, 64 64,
        64 128, 128 128, 128 64, 128 10, 784 128
    ))
}
