//! What generated code calls besides layers: scratch memory as samples, layers of a field with
//! what an observer is told of them, steps of streams, and messages of compile-time checks. Not
//! for use by hand.

pub use crate::layers::geometry::positions;
pub use crate::network::{Footprint, STACK_LIMIT, chunk};

use crate::kernels::SimdPath;
use crate::layers::padding::Padded;
use crate::layers::{Activation, Elementwise};
use crate::{Layer, Name, Pass, Sample, Scalar, Step, Streaming, Visitor, VisitorMut};
use bytemuck::{cast_slice, cast_slice_mut};
use nalgebra::SVector;

/// The first `n` samples of a slot of scratch memory.
#[inline]
pub fn samples<T: Scalar, const N: usize>(slot: &[T], n: usize) -> &[SVector<T, N>] {
    cast_slice(&slot[..n * N])
}

/// The first `n` samples of a slot of scratch memory, to be changed.
#[inline]
pub fn samples_mut<T: Scalar, const N: usize>(slot: &mut [T], n: usize) -> &mut [SVector<T, N>] {
    cast_slice_mut(&mut slot[..n * N])
}

/// Cuts `n` samples off scratch memory, and returns what is left too.
#[inline]
pub fn slot<T: Scalar, const N: usize>(
    scratch: &mut [T],
    n: usize,
) -> (&mut [SVector<T, N>], &mut [T]) {
    let (slot, rest) = scratch.split_at_mut(n * N);
    (cast_slice_mut(slot), rest)
}

/// The first `n` samples of a buffer.
#[inline]
pub fn first<S>(buffer: &[S], n: usize) -> &[S] {
    &buffer[..n]
}

/// The first `n` samples of a buffer, to be changed.
#[inline]
pub fn first_mut<S>(buffer: &mut [S], n: usize) -> &mut [S] {
    &mut buffer[..n]
}

/// Samples of a layer whose types the macro does not know; a compile-time check
/// has made sure that their lengths agree.
#[inline]
pub fn cast<A: bytemuck::Pod, B: bytemuck::Pod>(samples: &[A]) -> &[B] {
    cast_slice(samples)
}

/// As [`cast`], to be changed.
#[inline]
pub fn cast_mut<A: bytemuck::Pod, B: bytemuck::Pod>(samples: &mut [A]) -> &mut [B] {
    cast_slice_mut(samples)
}

/// The largest of some sizes; 0 of none.
pub const fn max(sizes: &[usize]) -> usize {
    let mut max = 0;
    let mut index = 0;
    while index < sizes.len() {
        if sizes[index] > max {
            max = sizes[index];
        }
        index += 1;
    }
    max
}

/// Where `n` is among ascending values: 0 below the first, then by turns at a value and between
/// two, and last above all of them.
pub const fn place(values: &[usize], n: usize) -> usize {
    let mut index = 0;
    while index < values.len() && values[index] < n {
        index += 1;
    }
    let at = index < values.len() && values[index] == n;
    2 * index + at as usize
}

/// Text put together at compile time, for the messages of failed checks.
#[derive(Clone, Copy, Debug)]
pub struct Text {
    bytes: [u8; Self::CAPACITY],
    len: usize,
}

impl Text {
    const CAPACITY: usize = 1024;

    /// Begins with `text`, cut off at the capacity.
    pub const fn new(text: &str) -> Self {
        Self {
            bytes: [0; Self::CAPACITY],
            len: 0,
        }
        .text(text)
    }

    /// Appends text.
    pub const fn text(mut self, text: &str) -> Self {
        let text = text.as_bytes();
        let mut index = 0;
        while index < text.len() && self.len < Self::CAPACITY {
            self.bytes[self.len] = text[index];
            self.len += 1;
            index += 1;
        }
        self
    }

    /// Appends a number in decimal digits.
    pub const fn number(mut self, number: usize) -> Self {
        let mut divisor = 1;
        while number / divisor >= 10 {
            divisor *= 10;
        }
        while divisor > 0 && self.len < Self::CAPACITY {
            self.bytes[self.len] = b'0' + (number / divisor % 10) as u8;
            self.len += 1;
            divisor /= 10;
        }
        self
    }

    /// The text.
    pub const fn as_str(&self) -> &str {
        let (text, _) = self.bytes.split_at(self.len);
        match core::str::from_utf8(text) {
            Ok(text) => text,
            Err(_) => "sizes differ",
        }
    }
}

// What generated code does with a field is compiled once for each type of layer, not once for each
// layer: a deep network has thousands of layers and few types.

/// A generated struct's field: its name, and the layer as it was declared.
type Field = (&'static str, &'static str);

/// Enters a field, lets it compute its output, and tells of that.
#[inline(always)]
fn forward_field<S: Sample>(
    (name, declared): Field,
    pass: &mut Pass<'_>,
    y: &mut [S],
    compute: impl FnOnce(&mut Pass<'_>, &mut [S]),
) {
    pass.enter(Name::Field(name), declared);
    compute(pass, y);
    pass.forward(y);
    pass.leave();
}

/// Enters a field, tells of dL/d output, lets it compute dL/d input, and tells of that.
#[inline(always)]
fn backward_field<X: Sample, Y: Sample>(
    (name, declared): Field,
    pass: &mut Pass<'_>,
    d_y: &[Y],
    mut d_x: Option<&mut [X]>,
    compute: impl FnOnce(&mut Pass<'_>, Option<&mut [X]>),
) {
    pass.enter(Name::Field(name), declared);
    pass.backward(d_y);
    compute(pass, d_x.as_deref_mut());
    if let Some(d_x) = d_x {
        pass.backward_input(d_x);
    }
    pass.leave();
}

/// [`Layer::forward`] of a field.
#[inline(never)]
pub fn forward<const BATCH: usize, L: Layer>(
    field: Field,
    layer: &L,
    pass: &mut Pass<'_>,
    x: &[L::Input],
    y: &mut [L::Output],
    cache: &mut L::Cache<BATCH>,
    scratch: &mut [L::Scalar],
) {
    forward_field(field, pass, y, |pass, y| {
        layer.forward::<BATCH>(pass, x, y, cache, scratch);
    });
}

/// [`Elementwise::forward_in_place`] of a field.
#[inline(never)]
pub fn forward_in_place<T: Scalar, const N: usize, F: Activation>(
    field: Field,
    layer: &Elementwise<T, N, F>,
    pass: &mut Pass<'_>,
    y: &mut [SVector<T, N>],
) {
    forward_field(field, pass, y, |pass, y| {
        layer.forward_in_place(pass.path, y);
    });
}

/// [`Elementwise::backward_in_place`] of a field.
#[inline(never)]
pub fn backward_in_place<T: Scalar, const N: usize, F: Activation>(
    field: Field,
    layer: &Elementwise<T, N, F>,
    pass: &mut Pass<'_>,
    y: &[SVector<T, N>],
    d: &mut [SVector<T, N>],
) {
    backward_begins(field, pass, d);
    layer.backward_in_place(pass.path, y, d);
    backward_done(field, pass, d);
}

/// Shows a field's parameters.
#[inline(never)]
pub fn visit<L: Layer>(field: &'static str, layer: &L, visitor: &mut dyn Visitor<L::Scalar>) {
    visitor.enter(Name::Field(field));
    layer.visit(visitor);
    visitor.leave();
}

/// Shows a field's parameters, to be changed.
#[inline(never)]
pub fn visit_mut<L: Layer>(
    field: &'static str,
    layer: &mut L,
    visitor: &mut dyn VisitorMut<L::Scalar>,
) {
    visitor.enter(Name::Field(field));
    layer.visit_mut(visitor);
    visitor.leave();
}

/// [`Padded::forward_padded`] of a field.
#[inline(never)]
pub fn forward_padded<const BATCH: usize, const P: usize, L: Padded>(
    field: Field,
    layer: &L,
    pass: &mut Pass<'_>,
    padded: &[SVector<L::Scalar, P>],
    x: &[L::Input],
    y: &mut [L::Output],
    cache: &mut L::Cache<BATCH>,
    scratch: &mut [L::Scalar],
) {
    forward_field(field, pass, y, |pass, y| {
        layer.forward_padded::<BATCH, P>(pass, padded, x, y, cache, scratch);
    });
}

/// [`Layer::backward`] of a field.
#[inline(never)]
pub fn backward<const BATCH: usize, L: Layer>(
    field: Field,
    layer: &L,
    pass: &mut Pass<'_>,
    x: &[L::Input],
    y: &[L::Output],
    d_y: &[L::Output],
    d_x: Option<&mut [L::Input]>,
    cache: &mut L::Cache<BATCH>,
    gradient: &mut L::Gradient,
    scratch: &mut [L::Scalar],
) {
    backward_field(field, pass, d_y, d_x, |pass, d_x| {
        layer.backward::<BATCH>(pass, x, y, d_y, d_x, cache, gradient, scratch);
    });
}

/// [`Padded::backward_padded`] of a field.
#[inline(never)]
pub fn backward_padded<const BATCH: usize, const P: usize, L: Padded>(
    field: Field,
    layer: &L,
    pass: &mut Pass<'_>,
    padded: &[SVector<L::Scalar, P>],
    x: &[L::Input],
    y: &[L::Output],
    d_y: &[L::Output],
    d_x: Option<&mut [L::Input]>,
    cache: &mut L::Cache<BATCH>,
    gradient: &mut L::Gradient,
    scratch: &mut [L::Scalar],
) {
    backward_field(field, pass, d_y, d_x, |pass, d_x| {
        layer.backward_padded::<BATCH, P>(pass, padded, x, y, d_y, d_x, cache, gradient, scratch);
    });
}

/// One step of a network within a network.
#[inline]
pub fn step_network<N: Streaming>(
    network: &N,
    path: SimdPath,
    x: &[N::Scalar],
    y: &mut [N::Scalar],
    state: &mut N::State,
) {
    crate::network::with_scratch::<N::StepScratch, _>(N::STEP_SCRATCH, |scratch| {
        network.advance(path, x, y, state, scratch);
    });
}

/// One step of a user's own layer.
#[inline]
pub fn step_own<L: Step>(
    layer: &L,
    path: SimdPath,
    x: &[L::Scalar],
    y: &mut [L::Scalar],
    state: &mut L::State,
) {
    const {
        assert!(
            L::STEP_SCRATCH == 0,
            "a layer of your own keeps what a step needs in its `State`: leave `STEP_SCRATCH` at 0"
        );
    }
    layer.advance(path, x, y, state, &mut []);
}

/// One step of a layer from a vector, which has no steps.
#[inline]
pub fn step_whole<L: Layer>(
    layer: &L,
    path: SimdPath,
    x: &[L::Scalar],
    y: &mut [L::Scalar],
    scratch: &mut [L::Scalar],
) {
    crate::step::alone(layer, path, x, y, scratch);
}

/// Tells of a step that is no [`Layer`]: its output.
#[inline]
pub fn forward_done<S: Sample>((name, declared): Field, pass: &mut Pass<'_>, y: &[S]) {
    pass.enter(Name::Field(name), declared);
    pass.forward(y);
    pass.leave();
}

/// Tells of a step that is no [`Layer`]: dL/d output.
#[inline]
pub fn backward_begins<S: Sample>((name, declared): Field, pass: &mut Pass<'_>, d_y: &[S]) {
    pass.enter(Name::Field(name), declared);
    pass.backward(d_y);
    pass.leave();
}

/// Tells of a step that is no [`Layer`]: dL/d input.
#[inline]
pub fn backward_done<S: Sample>((name, declared): Field, pass: &mut Pass<'_>, d_x: &[S]) {
    pass.enter(Name::Field(name), declared);
    pass.backward_input(d_x);
    pass.leave();
}
