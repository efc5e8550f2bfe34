//! Watching a pass from inside: what a [`Probe`] is told of every layer while a batch runs
//! forward and backward.

use crate::{Name, Pass, Sample, Scalar};
use bytemuck::cast_slice;

/// Numbers of either type.
#[derive(Clone, Copy, Debug)]
pub enum Entries<'a> {
    /// Of a network with `scalar = f32`.
    F32(&'a [f32]),
    /// Of a network with `scalar = f64`.
    F64(&'a [f64]),
}

impl<'a> Entries<'a> {
    /// Numbers of a network's type.
    #[inline]
    pub fn of<T: Scalar>(entries: &'a [T]) -> Self {
        if size_of::<T>() == size_of::<f32>() {
            Self::F32(cast_slice(entries))
        } else {
            Self::F64(cast_slice(entries))
        }
    }
}

/// A batch of a layer's outputs, or of derivatives, one sample after the other.
#[derive(Clone, Copy, Debug)]
pub struct Signal<'a> {
    /// How many entries a sample has.
    pub width: usize,
    /// The entries of all samples.
    pub entries: Entries<'a>,
}

impl<'a> Signal<'a> {
    /// A batch of samples.
    #[inline]
    pub fn of<S: Sample>(samples: &'a [S]) -> Self {
        Self {
            width: S::LEN,
            entries: Entries::of::<S::Scalar>(cast_slice(samples)),
        }
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        match self.entries {
            Entries::F32(entries) => entries.len(),
            Entries::F64(entries) => entries.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many samples there are.
    pub fn samples(&self) -> usize {
        self.len() / self.width.max(1)
    }
}

/// Watches a pass. Set in [`Pass::probe`]; every method does nothing unless overridden.
///
/// A layer is entered, tells what it computes, and is left; layers inside of a layer (the rounds
/// of a `repeat`, another network) are entered between. A layer in which others were entered
/// repeats with its own `forward` and `backward` what its last and first layer told.
/// In the backward pass layers come in reverse order.
pub trait Probe {
    /// A layer begins; `layer` is its declaration, such as `dense(64)`, and empty for the index of
    /// a round.
    fn enter(&mut self, _name: Name, _layer: &'static str) {}
    /// The layer that began last ends.
    fn leave(&mut self) {}
    /// The network's input.
    fn input(&mut self, _x: Signal<'_>) {}
    /// The layer's output, after its forward pass.
    fn forward(&mut self, _y: Signal<'_>) {}
    /// dL/d output, before the layer's backward pass.
    fn backward(&mut self, _d_y: Signal<'_>) {}
    /// dL/d input, after the layer's backward pass, if it was computed.
    fn backward_input(&mut self, _d_x: Signal<'_>) {}
    /// What a skip and its branch add to dL/d(where they part). `name` is the skip's, such as
    /// `residual_1`.
    fn skip(&mut self, _name: &'static str, _d_skip: Signal<'_>, _d_branch: Signal<'_>) {}
    /// A recurrent layer's hidden state at one time step, from 0.
    fn forward_time(&mut self, _time: usize, _hidden: Signal<'_>) {}
    /// dL/d hidden state at one time step, with all that later steps contribute.
    fn backward_time(&mut self, _time: usize, _d_hidden: Signal<'_>) {}
}

/// What layers tell a probe; nothing happens if there is none.
impl Pass<'_> {
    /// A layer inside of this one begins: see [`Probe::enter`].
    #[inline]
    pub fn enter(&mut self, name: Name, layer: &'static str) {
        if let Some(probe) = &mut self.probe {
            probe.enter(name, layer);
        }
    }

    /// The layer that began last ends.
    #[inline]
    pub fn leave(&mut self) {
        if let Some(probe) = &mut self.probe {
            probe.leave();
        }
    }

    /// The output of the layer that began last.
    #[inline]
    pub fn forward<S: Sample>(&mut self, y: &[S]) {
        if let Some(probe) = &mut self.probe {
            probe.forward(Signal::of(y));
        }
    }

    /// dL/d output of the layer that began last.
    #[inline]
    pub fn backward<S: Sample>(&mut self, d_y: &[S]) {
        if let Some(probe) = &mut self.probe {
            probe.backward(Signal::of(d_y));
        }
    }

    /// dL/d input of the layer that began last.
    #[inline]
    pub fn backward_input<S: Sample>(&mut self, d_x: &[S]) {
        if let Some(probe) = &mut self.probe {
            probe.backward_input(Signal::of(d_x));
        }
    }

    /// What a skip and its branch add to dL/d(where they part).
    #[inline]
    pub fn skip<S: Sample, B: Sample>(&mut self, name: &'static str, d_skip: &[S], d_branch: &[B]) {
        if let Some(probe) = &mut self.probe {
            probe.skip(name, Signal::of(d_skip), Signal::of(d_branch));
        }
    }

    /// The hidden state at one time step, of `width` entries for each sample.
    #[inline]
    pub fn forward_time<T: Scalar>(&mut self, time: usize, width: usize, hidden: &[T]) {
        if let Some(probe) = &mut self.probe {
            let entries = Entries::of(hidden);
            probe.forward_time(time, Signal { width, entries });
        }
    }

    /// dL/d hidden state at one time step, of `width` entries for each sample.
    #[inline]
    pub fn backward_time<T: Scalar>(&mut self, time: usize, width: usize, d_hidden: &[T]) {
        if let Some(probe) = &mut self.probe {
            let entries = Entries::of(d_hidden);
            probe.backward_time(time, Signal { width, entries });
        }
    }
}
