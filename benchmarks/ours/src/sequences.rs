//! Works 9, 10 and 12: streams, one step or one block at a time.

use crate::load;
use harness::data::{self, Dense};
use harness::{Measured, works};
use network_core::bytemuck::{Zeroable, cast_slice, cast_slice_mut};
use network_core::prelude::*;
use std::hint::black_box;

macro_rules! declare {
    ($($name:ident: [$input:literal; $steps:literal] -> [$output:literal; $left:literal] { $($body:tt)* })*) => {$(
        network! {
            #[gradient_flow(allow)]
            pub struct $name([$input; $steps]) -> [$output; $left] { $($body)* }
        }
    )*};
}

declare! {
    Lstm20: [1; 2048] -> [1; 2048] { lstm(20); dense(1); }
    Gru8: [8; 2048] -> [8; 2048] { gru(8); }
    Gru16: [16; 2048] -> [16; 2048] { gru(16); }
    Gru32: [32; 2048] -> [32; 2048] { gru(32); }
    Gru64: [64; 2048] -> [64; 2048] { gru(64); }
    Conv4: [4; 2048] -> [4; 2048] { conv1d(4, kernel = 3, padding = causal); }
    Conv8: [8; 2048] -> [8; 2048] { conv1d(8, kernel = 7, padding = causal); }
    Conv16: [16; 2048] -> [16; 2048] { conv1d(16, kernel = 15, padding = causal); }
    Conv32: [32; 2048] -> [32; 2048] { conv1d(32, kernel = 31, padding = causal); }
}
const _: () = assert!(works::STREAM == 2048);

fn loaded<N: Network<Scalar = f32>>(layers: &[Dense]) -> Box<N> {
    let mut network = N::boxed(1);
    load(&mut *network, layers);
    network
}

/// A network with its state, and the stream it reads.
struct Stream<N: Streaming<Scalar = f32>> {
    network: Box<N>,
    state: N::State,
    x: Vec<N::StepInput>,
    y: Vec<N::StepOutput>,
    at: usize,
}

impl<N: Streaming<Scalar = f32> + 'static> Stream<N> {
    /// `steps` steps a call.
    fn measured(layers: &[Dense], features: usize, stream: u64, steps: usize) -> Measured {
        let mut x = vec![N::StepInput::zeroed(); works::STREAM];
        cast_slice_mut(&mut x).copy_from_slice(&data::inputs(stream, works::STREAM, features));
        let y = vec![N::StepOutput::zeroed(); steps];
        let stream = Self {
            network: loaded(layers),
            state: N::state(),
            x,
            y,
            at: 0,
        };
        Measured::call(
            stream,
            if steps == 1 { Self::step } else { Self::block },
            Self::output,
        )
    }

    fn step(&mut self) {
        self.y[0] = self
            .network
            .step(black_box(&self.x[self.at]), &mut self.state);
        self.at = (self.at + 1) % self.x.len();
        black_box(&self.y);
    }

    fn block(&mut self) {
        self.network
            .steps(black_box(&self.x), &mut self.y, &mut self.state);
        black_box(&self.y);
    }

    /// The first outputs from an empty past.
    fn output(&mut self) -> Vec<f32> {
        (self.state, self.at) = (N::state(), 0);
        if self.y.len() > 1 {
            self.block();
            return cast_slice(&self.y[..works::STREAM_CHECKED]).to_vec();
        }
        (0..works::STREAM_CHECKED)
            .flat_map(|_| {
                self.step();
                cast_slice::<_, f32>(&self.y).to_vec()
            })
            .collect()
    }
}

pub fn lstm(stream: u64, hidden: usize, steps: usize) -> Measured {
    let [input, recurrent] = data::cell(stream, 1, hidden, 4);
    let layers = [input, recurrent, data::lstm_head(stream, hidden)];
    Stream::<Lstm20>::measured(&layers, 1, stream, steps)
}

pub fn gru(stream: u64, width: usize) -> Measured {
    let layers = data::cell(stream, width, width, 3);
    match width {
        8 => Stream::<Gru8>::measured(&layers, 8, stream, 1),
        16 => Stream::<Gru16>::measured(&layers, 16, stream, 1),
        32 => Stream::<Gru32>::measured(&layers, 32, stream, 1),
        _ => Stream::<Gru64>::measured(&layers, 64, stream, 1),
    }
}

pub fn conv1d(stream: u64, channels: usize, kernel: usize) -> Measured {
    let layers = [data::conv1d(stream, channels, kernel)];
    match channels {
        4 => Stream::<Conv4>::measured(&layers, channels, stream, 1),
        8 => Stream::<Conv8>::measured(&layers, channels, stream, 1),
        16 => Stream::<Conv16>::measured(&layers, channels, stream, 1),
        _ => Stream::<Conv32>::measured(&layers, channels, stream, 1),
    }
}
