//! Works 9, 10 and 12: streams, one step or one block at a time.

use crate::load;
use harness::data::{self, Dense};
use harness::{Measured, works};
use network_core::bytemuck::{Zeroable, cast_ref, cast_slice, cast_slice_mut};
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
    // A kernel's worth of frames gives one.
    Conv4: [4; 3] -> [4; 1] { conv1d(4, kernel = 3); }
    Conv8: [8; 7] -> [8; 1] { conv1d(8, kernel = 7); }
    Conv16: [16; 15] -> [16; 1] { conv1d(16, kernel = 15); }
    Conv32: [32; 31] -> [32; 1] { conv1d(32, kernel = 31); }
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

/// The past of a convolution: frames are written one behind the other, and moved to the front
/// when the memory is full, so that the newest always lie side by side.
struct Frames<N> {
    network: Box<N>,
    channels: usize,
    past: usize,
    x: Vec<f32>,
    at: usize,
    memory: Vec<f32>,
    end: usize,
    y: Vec<f32>,
}

/// Frames that fit the memory besides the past.
const ROOM: usize = 256;

impl<N, const IN: usize, const OUT: usize> Frames<N>
where
    N: Network<Scalar = f32, Input = SVector<f32, IN>, Output = SVector<f32, OUT>> + 'static,
{
    fn measured(layer: Dense, channels: usize, kernel: usize, stream: u64) -> Measured {
        let past = (kernel - 1) * channels;
        let frames = Self {
            network: loaded(&[layer]),
            channels,
            past,
            x: data::inputs(stream, works::STREAM, channels),
            at: 0,
            memory: vec![0.0; past + ROOM * channels],
            end: past,
            y: vec![0.0; OUT],
        };
        Measured::call(frames, Self::step, Self::output)
    }

    fn step(&mut self) {
        if self.end == self.memory.len() {
            self.memory.copy_within(self.end - self.past.., 0);
            self.end = self.past;
        }
        let (frame, end) = (
            &self.x[self.at..][..self.channels],
            self.end + self.channels,
        );
        self.memory[self.end..end].copy_from_slice(black_box(frame));
        self.end = end;
        self.at = (self.at + self.channels) % self.x.len();
        let window: &[f32; IN] = self.memory[end - IN..end]
            .try_into()
            .expect("a kernel of frames");
        let y = self.network.predict(cast_ref(window));
        self.y.copy_from_slice(y.as_slice());
        black_box(&self.y);
    }

    fn output(&mut self) -> Vec<f32> {
        self.memory.fill(0.0);
        (self.end, self.at) = (self.past, 0);
        (0..works::STREAM_CHECKED)
            .flat_map(|_| {
                self.step();
                self.y.clone()
            })
            .collect()
    }
}

pub fn conv1d(stream: u64, channels: usize, kernel: usize) -> Measured {
    let layer = data::conv1d(stream, channels, kernel);
    match channels {
        4 => Frames::<Conv4>::measured(layer, channels, kernel, stream),
        8 => Frames::<Conv8>::measured(layer, channels, kernel, stream),
        16 => Frames::<Conv16>::measured(layer, channels, kernel, stream),
        _ => Frames::<Conv32>::measured(layer, channels, kernel, stream),
    }
}
