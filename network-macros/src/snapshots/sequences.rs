// struct Stream([3; 20]) -> [2; 20] {
//     first: gru(5) -> tanh;
//     gate: dense(7) -> sigmoid;
//     dense(7) -> multiply(gate) -> mask(input);
//     repeat(2) { residual { lstm(7, forget_bias = chrono) } };
//     dense(2);
// }

#[doc(hidden)]
#[allow(unused_imports)]
use ::network_core::bytemuck as __bytemuck_of_Stream;
/// A network from a sequence of 20 steps of 3 features to a sequence of 20 steps of 2 features.
///
/// | field | layer | output | parameters |
/// |---|---|---|---|
/// | `first` | `gru(5)` | [5; 20] | 150 |
/// | `first_tanh` | `tanh` | [5; 20] | 0 |
/// | `gate` | `dense(7)` | [7; 20] | 42 |
/// | `gate_sigmoid` | `sigmoid` | [7; 20] | 0 |
/// | `dense_1` | `dense(7)` | [7; 20] | 56 |
/// | `repeat_1` | `repeat(2)` | [7; 20] | 896 |
/// | `dense_2` | `dense(2)` | [2; 20] | 16 |
///
/// Works on a stream, one step at a time.
#[derive(__bytemuck_of_Stream::Zeroable)]
#[bytemuck(crate = "__bytemuck_of_Stream")]
#[repr(C)]
struct Stream {
    /// `gru(5)`: [3; 20] to [5; 20].
    pub first: ::network_core::layers::Recurrent<
        ::network_core::layers::Cell<f32, ::network_core::layers::Gru, 3, 5, 15>,
        20,
        60,
        100,
    >,
    /// `tanh`: [5; 20] to [5; 20].
    pub first_tanh: ::network_core::layers::Elementwise<
        f32,
        100,
        ::network_core::layers::Tanh,
    >,
    /// `dense(7)`: [5; 20] to [7; 20].
    pub gate: ::network_core::layers::PerStep<
        ::network_core::layers::Dense<f32, 5, 7>,
        20,
        100,
        140,
    >,
    /// `sigmoid`: [7; 20] to [7; 20].
    pub gate_sigmoid: ::network_core::layers::Elementwise<
        f32,
        140,
        ::network_core::layers::Sigmoid,
    >,
    /// `dense(7)`: [7; 20] to [7; 20].
    pub dense_1: ::network_core::layers::PerStep<
        ::network_core::layers::Dense<f32, 7, 7>,
        20,
        140,
        140,
    >,
    /// `repeat(2)`: [7; 20] to [7; 20].
    pub repeat_1: [StreamRepeat1; 2],
    /// `dense(2)`: [7; 20] to [2; 20].
    pub dense_2: ::network_core::layers::PerStep<
        ::network_core::layers::Dense<f32, 7, 2>,
        20,
        140,
        40,
    >,
}
/// dL/dparameters of [`Stream`].
#[derive(Debug)]
#[derive(__bytemuck_of_Stream::Pod)]
#[derive(__bytemuck_of_Stream::Zeroable)]
#[bytemuck(crate = "__bytemuck_of_Stream")]
#[repr(C)]
struct StreamGradient {
    /// dL/dparameters of `first`.
    pub first: <::network_core::layers::Recurrent<
        ::network_core::layers::Cell<f32, ::network_core::layers::Gru, 3, 5, 15>,
        20,
        60,
        100,
    > as ::network_core::Layer>::Gradient,
    /// dL/dparameters of `gate`.
    pub gate: <::network_core::layers::PerStep<
        ::network_core::layers::Dense<f32, 5, 7>,
        20,
        100,
        140,
    > as ::network_core::Layer>::Gradient,
    /// dL/dparameters of `dense_1`.
    pub dense_1: <::network_core::layers::PerStep<
        ::network_core::layers::Dense<f32, 7, 7>,
        20,
        140,
        140,
    > as ::network_core::Layer>::Gradient,
    /// dL/dparameters of `repeat_1`.
    pub repeat_1: <[StreamRepeat1; 2] as ::network_core::Layer>::Gradient,
    /// dL/dparameters of `dense_2`.
    pub dense_2: <::network_core::layers::PerStep<
        ::network_core::layers::Dense<f32, 7, 2>,
        20,
        140,
        40,
    > as ::network_core::Layer>::Gradient,
}
#[automatically_derived]
impl ::core::clone::Clone for StreamGradient {
    fn clone(&self) -> Self {
        *self
    }
}
#[automatically_derived]
impl ::core::marker::Copy for StreamGradient {}
/// What the forward pass of [`Stream`] leaves for the backward pass.
#[allow(missing_debug_implementations, non_snake_case)]
#[derive(__bytemuck_of_Stream::Zeroable)]
#[bytemuck(crate = "__bytemuck_of_Stream")]
#[repr(C)]
struct StreamCache<const BATCH: usize> {
    first_output: [::network_core::nalgebra::SVector<f32, 100>; BATCH],
    first_tanh_output: [::network_core::nalgebra::SVector<f32, 100>; BATCH],
    gate_output: [::network_core::nalgebra::SVector<f32, 140>; BATCH],
    dense_1_output: [::network_core::nalgebra::SVector<f32, 140>; BATCH],
    multiply_1_output: [::network_core::nalgebra::SVector<f32, 140>; BATCH],
    mask_1_output: [::network_core::nalgebra::SVector<f32, 140>; BATCH],
    repeat_1_output: [::network_core::nalgebra::SVector<f32, 140>; BATCH],
    first_cache: <::network_core::layers::Recurrent<
        ::network_core::layers::Cell<f32, ::network_core::layers::Gru, 3, 5, 15>,
        20,
        60,
        100,
    > as ::network_core::Layer>::Cache<BATCH>,
    gate_cache: <::network_core::layers::PerStep<
        ::network_core::layers::Dense<f32, 5, 7>,
        20,
        100,
        140,
    > as ::network_core::Layer>::Cache<BATCH>,
    dense_1_cache: <::network_core::layers::PerStep<
        ::network_core::layers::Dense<f32, 7, 7>,
        20,
        140,
        140,
    > as ::network_core::Layer>::Cache<BATCH>,
    repeat_1_cache: <[StreamRepeat1; 2] as ::network_core::Layer>::Cache<BATCH>,
    dense_2_cache: <::network_core::layers::PerStep<
        ::network_core::layers::Dense<f32, 7, 2>,
        20,
        140,
        40,
    > as ::network_core::Layer>::Cache<BATCH>,
}
#[allow(unused_variables, clippy::all, clippy::pedantic)]
impl ::network_core::Layer for Stream {
    type Scalar = f32;
    type Input = ::network_core::nalgebra::SVector<f32, 60>;
    type Output = ::network_core::nalgebra::SVector<f32, 40>;
    type Config = ();
    type Gradient = StreamGradient;
    type Cache<const BATCH: usize> = StreamCache<BATCH>;
    const MULTIPLY_ADDS: usize = 0
        + <::network_core::layers::Recurrent<
            ::network_core::layers::Cell<f32, ::network_core::layers::Gru, 3, 5, 15>,
            20,
            60,
            100,
        > as ::network_core::Layer>::MULTIPLY_ADDS
        + <::network_core::layers::Elementwise<
            f32,
            100,
            ::network_core::layers::Tanh,
        > as ::network_core::Layer>::MULTIPLY_ADDS
        + <::network_core::layers::PerStep<
            ::network_core::layers::Dense<f32, 5, 7>,
            20,
            100,
            140,
        > as ::network_core::Layer>::MULTIPLY_ADDS
        + <::network_core::layers::Elementwise<
            f32,
            140,
            ::network_core::layers::Sigmoid,
        > as ::network_core::Layer>::MULTIPLY_ADDS
        + <::network_core::layers::PerStep<
            ::network_core::layers::Dense<f32, 7, 7>,
            20,
            140,
            140,
        > as ::network_core::Layer>::MULTIPLY_ADDS
        + <[StreamRepeat1; 2] as ::network_core::Layer>::MULTIPLY_ADDS
        + <::network_core::layers::PerStep<
            ::network_core::layers::Dense<f32, 7, 2>,
            20,
            140,
            40,
        > as ::network_core::Layer>::MULTIPLY_ADDS;
    const INPUT_MULTIPLY_ADDS: usize = 0
        + <::network_core::layers::Recurrent<
            ::network_core::layers::Cell<f32, ::network_core::layers::Gru, 3, 5, 15>,
            20,
            60,
            100,
        > as ::network_core::Layer>::INPUT_MULTIPLY_ADDS;
    const COUPLES_SAMPLES: bool = false
        || <::network_core::layers::Recurrent<
            ::network_core::layers::Cell<f32, ::network_core::layers::Gru, 3, 5, 15>,
            20,
            60,
            100,
        > as ::network_core::Layer>::COUPLES_SAMPLES
        || <::network_core::layers::Elementwise<
            f32,
            100,
            ::network_core::layers::Tanh,
        > as ::network_core::Layer>::COUPLES_SAMPLES
        || <::network_core::layers::PerStep<
            ::network_core::layers::Dense<f32, 5, 7>,
            20,
            100,
            140,
        > as ::network_core::Layer>::COUPLES_SAMPLES
        || <::network_core::layers::Elementwise<
            f32,
            140,
            ::network_core::layers::Sigmoid,
        > as ::network_core::Layer>::COUPLES_SAMPLES
        || <::network_core::layers::PerStep<
            ::network_core::layers::Dense<f32, 7, 7>,
            20,
            140,
            140,
        > as ::network_core::Layer>::COUPLES_SAMPLES
        || <[StreamRepeat1; 2] as ::network_core::Layer>::COUPLES_SAMPLES
        || <::network_core::layers::PerStep<
            ::network_core::layers::Dense<f32, 7, 2>,
            20,
            140,
            40,
        > as ::network_core::Layer>::COUPLES_SAMPLES;
    fn initialize(&mut self, (): &(), generator: &mut ::network_core::Generator) {
        ::network_core::Layer::initialize(
            &mut self.first,
            &::network_core::layers::CellConfig {
                gating: ::network_core::layers::Gru,
                weight_ih: ::network_core::init::Init::XavierUniform {
                    gain: 1.0,
                },
                weight_hh: ::network_core::init::Init::Orthogonal {
                    gain: 1.0,
                },
                bias: ::network_core::init::Init::Zeros,
                forget: ::core::option::Option::None,
                truncate: 0,
            },
            generator,
        );
        ::network_core::Layer::initialize(
            &mut self.first_tanh,
            &::network_core::layers::Tanh,
            generator,
        );
        ::network_core::Layer::initialize(
            &mut self.gate,
            &::network_core::layers::DenseConfig {
                weight: ::network_core::init::Init::XavierUniform {
                    gain: 1.0,
                },
                bias: ::network_core::init::Init::Zeros,
            },
            generator,
        );
        ::network_core::Layer::initialize(
            &mut self.gate_sigmoid,
            &::network_core::layers::Sigmoid,
            generator,
        );
        ::network_core::Layer::initialize(
            &mut self.dense_1,
            &::network_core::layers::DenseConfig {
                weight: ::network_core::init::Init::XavierUniform {
                    gain: 1.0,
                },
                bias: ::network_core::init::Init::Zeros,
            },
            generator,
        );
        ::network_core::Layer::initialize(&mut self.repeat_1, &(), generator);
        ::network_core::Layer::initialize(
            &mut self.dense_2,
            &::network_core::layers::DenseConfig {
                weight: ::network_core::init::Init::XavierUniform {
                    gain: 1.0,
                },
                bias: ::network_core::init::Init::Zeros,
            },
            generator,
        );
    }
    const INFER_SCRATCH: usize = 420
        + ::network_core::__private::max(
            &[
                <::network_core::layers::Recurrent<
                    ::network_core::layers::Cell<
                        f32,
                        ::network_core::layers::Gru,
                        3,
                        5,
                        15,
                    >,
                    20,
                    60,
                    100,
                > as ::network_core::Layer>::INFER_SCRATCH,
                <[StreamRepeat1; 2] as ::network_core::Layer>::INFER_SCRATCH,
            ],
        );
    fn infer(
        &self,
        path: ::network_core::SimdPath,
        x: &[Self::Input],
        y: &mut [Self::Output],
        scratch: &mut [Self::Scalar],
    ) {
        let n = x.len();
        let (slot_1, scratch) = scratch.split_at_mut(n * 140);
        let (slot_2, scratch) = ::network_core::__private::slot::<f32, 140>(scratch, n);
        let (slot_3, scratch) = ::network_core::__private::slot::<f32, 140>(scratch, n);
        ::network_core::Layer::infer(
            &self.first,
            path,
            x,
            ::network_core::__private::samples_mut::<f32, 100>(slot_1, n),
            scratch,
        );
        self.first_tanh
            .forward_in_place(
                path,
                ::network_core::__private::samples_mut::<f32, 100>(slot_1, n),
            );
        ::network_core::Layer::infer(
            &self.gate,
            path,
            ::network_core::__private::samples::<f32, 100>(slot_1, n),
            &mut *slot_2,
            scratch,
        );
        self.gate_sigmoid.forward_in_place(path, &mut *slot_2);
        ::network_core::Layer::infer(
            &self.dense_1,
            path,
            &*slot_2,
            ::network_core::__private::samples_mut::<f32, 140>(slot_1, n),
            scratch,
        );
        ::network_core::layers::multiply::forward(
            path,
            &*slot_2,
            ::network_core::__private::samples::<f32, 140>(slot_1, n),
            &mut *slot_3,
        );
        ::network_core::layers::padding::mask(
            path,
            20,
            x,
            &*slot_3,
            ::network_core::__private::samples_mut::<f32, 140>(slot_1, n),
        );
        ::network_core::Layer::infer(
            &self.repeat_1,
            path,
            ::network_core::__private::samples::<f32, 140>(slot_1, n),
            &mut *slot_2,
            scratch,
        );
        ::network_core::Layer::infer(&self.dense_2, path, &*slot_2, &mut *y, scratch);
    }
    fn forward<const BATCH: usize>(
        &self,
        pass: &mut ::network_core::Pass<'_>,
        x: &[Self::Input],
        y: &mut [Self::Output],
        cache: &mut StreamCache<BATCH>,
        scratch: &mut [Self::Scalar],
    ) {
        let n = x.len();
        ::network_core::__private::forward::<
            BATCH,
            _,
        >(
            ("first", "gru(5)"),
            &self.first,
            pass,
            x,
            ::network_core::__private::first_mut(&mut cache.first_output, n),
            &mut cache.first_cache,
            scratch,
        );
        ::network_core::__private::forward::<
            BATCH,
            _,
        >(
            ("first_tanh", "tanh"),
            &self.first_tanh,
            pass,
            ::network_core::__private::first(&cache.first_output, n),
            ::network_core::__private::first_mut(&mut cache.first_tanh_output, n),
            &mut (),
            scratch,
        );
        ::network_core::__private::forward::<
            BATCH,
            _,
        >(
            ("gate", "dense(7)"),
            &self.gate,
            pass,
            ::network_core::__private::first(&cache.first_tanh_output, n),
            ::network_core::__private::first_mut(&mut cache.gate_output, n),
            &mut cache.gate_cache,
            scratch,
        );
        ::network_core::__private::forward_in_place(
            ("gate_sigmoid", "sigmoid"),
            &self.gate_sigmoid,
            pass,
            ::network_core::__private::first_mut(&mut cache.gate_output, n),
        );
        ::network_core::__private::forward::<
            BATCH,
            _,
        >(
            ("dense_1", "dense(7)"),
            &self.dense_1,
            pass,
            ::network_core::__private::first(&cache.gate_output, n),
            ::network_core::__private::first_mut(&mut cache.dense_1_output, n),
            &mut cache.dense_1_cache,
            scratch,
        );
        ::network_core::layers::multiply::forward(
            pass.path,
            ::network_core::__private::first(&cache.gate_output, n),
            ::network_core::__private::first(&cache.dense_1_output, n),
            ::network_core::__private::first_mut(&mut cache.multiply_1_output, n),
        );
        ::network_core::layers::padding::mask(
            pass.path,
            20,
            x,
            ::network_core::__private::first(&cache.multiply_1_output, n),
            ::network_core::__private::first_mut(&mut cache.mask_1_output, n),
        );
        ::network_core::__private::forward::<
            BATCH,
            _,
        >(
            ("repeat_1", "repeat(2)"),
            &self.repeat_1,
            pass,
            ::network_core::__private::first(&cache.mask_1_output, n),
            ::network_core::__private::first_mut(&mut cache.repeat_1_output, n),
            &mut cache.repeat_1_cache,
            scratch,
        );
        ::network_core::__private::forward::<
            BATCH,
            _,
        >(
            ("dense_2", "dense(2)"),
            &self.dense_2,
            pass,
            ::network_core::__private::first(&cache.repeat_1_output, n),
            &mut *y,
            &mut cache.dense_2_cache,
            scratch,
        );
    }
    const SCRATCH: usize = 420
        + ::network_core::__private::max(
            &[
                <::network_core::layers::Recurrent<
                    ::network_core::layers::Cell<
                        f32,
                        ::network_core::layers::Gru,
                        3,
                        5,
                        15,
                    >,
                    20,
                    60,
                    100,
                > as ::network_core::Layer>::SCRATCH,
                <[StreamRepeat1; 2] as ::network_core::Layer>::SCRATCH,
            ],
        );
    fn backward<const BATCH: usize>(
        &self,
        pass: &mut ::network_core::Pass<'_>,
        x: &[Self::Input],
        y: &[Self::Output],
        d_y: &[Self::Output],
        mut d_x: ::core::option::Option<&mut [Self::Input]>,
        cache: &mut StreamCache<BATCH>,
        gradient: &mut StreamGradient,
        scratch: &mut [Self::Scalar],
    ) {
        let n = x.len();
        let (slot_1, scratch) = ::network_core::__private::slot::<f32, 140>(scratch, n);
        let (slot_2, scratch) = scratch.split_at_mut(n * 140);
        let (slot_3, scratch) = ::network_core::__private::slot::<f32, 140>(scratch, n);
        ::network_core::__private::backward::<
            BATCH,
            _,
        >(
            ("dense_2", "dense(2)"),
            &self.dense_2,
            pass,
            ::network_core::__private::first(&cache.repeat_1_output, n),
            &*y,
            d_y,
            ::core::option::Option::Some(&mut *slot_1),
            &mut cache.dense_2_cache,
            &mut gradient.dense_2,
            scratch,
        );
        ::network_core::__private::backward::<
            BATCH,
            _,
        >(
            ("repeat_1", "repeat(2)"),
            &self.repeat_1,
            pass,
            ::network_core::__private::first(&cache.mask_1_output, n),
            ::network_core::__private::first(&cache.repeat_1_output, n),
            &*slot_1,
            ::core::option::Option::Some(
                ::network_core::__private::samples_mut::<f32, 140>(slot_2, n),
            ),
            &mut cache.repeat_1_cache,
            &mut gradient.repeat_1,
            scratch,
        );
        ::network_core::layers::padding::mask_backward(
            pass.path,
            20,
            x,
            ::network_core::__private::samples::<f32, 140>(slot_2, n),
            &mut *slot_1,
        );
        ::network_core::layers::multiply::backward(
            pass.path,
            &*slot_1,
            ::network_core::__private::first(&cache.dense_1_output, n),
            ::network_core::__private::samples_mut::<f32, 140>(slot_2, n),
        );
        ::network_core::layers::multiply::backward(
            pass.path,
            &*slot_1,
            ::network_core::__private::first(&cache.gate_output, n),
            &mut *slot_3,
        );
        ::network_core::__private::backward::<
            BATCH,
            _,
        >(
            ("dense_1", "dense(7)"),
            &self.dense_1,
            pass,
            ::network_core::__private::first(&cache.gate_output, n),
            ::network_core::__private::first(&cache.dense_1_output, n),
            &*slot_3,
            ::core::option::Option::Some(&mut *slot_1),
            &mut cache.dense_1_cache,
            &mut gradient.dense_1,
            scratch,
        );
        ::network_core::layers::residual::add(
            pass.path,
            &mut *slot_1,
            ::network_core::__private::samples::<f32, 140>(slot_2, n),
        );
        ::network_core::__private::backward_in_place(
            ("gate_sigmoid", "sigmoid"),
            &self.gate_sigmoid,
            pass,
            ::network_core::__private::first(&cache.gate_output, n),
            &mut *slot_1,
        );
        ::network_core::__private::backward::<
            BATCH,
            _,
        >(
            ("gate", "dense(7)"),
            &self.gate,
            pass,
            ::network_core::__private::first(&cache.first_tanh_output, n),
            ::network_core::__private::first(&cache.gate_output, n),
            &*slot_1,
            ::core::option::Option::Some(
                ::network_core::__private::samples_mut::<f32, 100>(slot_2, n),
            ),
            &mut cache.gate_cache,
            &mut gradient.gate,
            scratch,
        );
        ::network_core::__private::backward_in_place(
            ("first_tanh", "tanh"),
            &self.first_tanh,
            pass,
            ::network_core::__private::first(&cache.first_tanh_output, n),
            ::network_core::__private::samples_mut::<f32, 100>(slot_2, n),
        );
        ::network_core::__private::backward::<
            BATCH,
            _,
        >(
            ("first", "gru(5)"),
            &self.first,
            pass,
            x,
            ::network_core::__private::first(&cache.first_output, n),
            ::network_core::__private::samples::<f32, 100>(slot_2, n),
            d_x.as_deref_mut(),
            &mut cache.first_cache,
            &mut gradient.first,
            scratch,
        );
    }
    fn update_statistics<const BATCH: usize>(&mut self, cache: &StreamCache<BATCH>) {
        ::network_core::Layer::update_statistics::<
            BATCH,
        >(&mut self.first, &cache.first_cache);
        ::network_core::Layer::update_statistics::<
            BATCH,
        >(&mut self.gate, &cache.gate_cache);
        ::network_core::Layer::update_statistics::<
            BATCH,
        >(&mut self.dense_1, &cache.dense_1_cache);
        ::network_core::Layer::update_statistics::<
            BATCH,
        >(&mut self.repeat_1, &cache.repeat_1_cache);
        ::network_core::Layer::update_statistics::<
            BATCH,
        >(&mut self.dense_2, &cache.dense_2_cache);
    }
    fn visit(&self, visitor: &mut dyn ::network_core::Visitor<f32>) {
        ::network_core::__private::visit("first", &self.first, visitor);
        ::network_core::__private::visit("gate", &self.gate, visitor);
        ::network_core::__private::visit("dense_1", &self.dense_1, visitor);
        ::network_core::__private::visit("repeat_1", &self.repeat_1, visitor);
        ::network_core::__private::visit("dense_2", &self.dense_2, visitor);
    }
    fn visit_mut(&mut self, visitor: &mut dyn ::network_core::VisitorMut<f32>) {
        ::network_core::__private::visit_mut("first", &mut self.first, visitor);
        ::network_core::__private::visit_mut("gate", &mut self.gate, visitor);
        ::network_core::__private::visit_mut("dense_1", &mut self.dense_1, visitor);
        ::network_core::__private::visit_mut("repeat_1", &mut self.repeat_1, visitor);
        ::network_core::__private::visit_mut("dense_2", &mut self.dense_2, visitor);
    }
}
/// What [`Stream`] remembers from one step to the next.
#[derive(Clone, Debug)]
#[derive(__bytemuck_of_Stream::Zeroable)]
#[bytemuck(crate = "__bytemuck_of_Stream")]
#[repr(C)]
struct StreamState {
    /// What `first` remembers.
    pub first: <::network_core::layers::Recurrent<
        ::network_core::layers::Cell<f32, ::network_core::layers::Gru, 3, 5, 15>,
        20,
        60,
        100,
    > as ::network_core::Step>::State,
    /// What `repeat_1` remembers.
    pub repeat_1: <[StreamRepeat1; 2] as ::network_core::Step>::State,
}
#[allow(unused_variables, clippy::all, clippy::pedantic)]
impl ::network_core::Step for Stream {
    type State = StreamState;
    const STEP_INPUT: usize = 3;
    const STEP_SCRATCH: usize = 21
        + ::network_core::__private::max(
            &[
                <::network_core::layers::Recurrent<
                    ::network_core::layers::Cell<
                        f32,
                        ::network_core::layers::Gru,
                        3,
                        5,
                        15,
                    >,
                    20,
                    60,
                    100,
                > as ::network_core::Step>::STEP_SCRATCH,
                <::network_core::layers::Elementwise<
                    f32,
                    100,
                    ::network_core::layers::Tanh,
                > as ::network_core::Step>::STEP_SCRATCH,
                <::network_core::layers::PerStep<
                    ::network_core::layers::Dense<f32, 5, 7>,
                    20,
                    100,
                    140,
                > as ::network_core::Step>::STEP_SCRATCH,
                <::network_core::layers::Elementwise<
                    f32,
                    140,
                    ::network_core::layers::Sigmoid,
                > as ::network_core::Step>::STEP_SCRATCH,
                <::network_core::layers::PerStep<
                    ::network_core::layers::Dense<f32, 7, 7>,
                    20,
                    140,
                    140,
                > as ::network_core::Step>::STEP_SCRATCH,
                <[StreamRepeat1; 2] as ::network_core::Step>::STEP_SCRATCH,
                <::network_core::layers::PerStep<
                    ::network_core::layers::Dense<f32, 7, 2>,
                    20,
                    140,
                    40,
                > as ::network_core::Step>::STEP_SCRATCH,
            ],
        );
    fn advance(
        &self,
        path: ::network_core::SimdPath,
        x: &[f32],
        y: &mut [f32],
        state: &mut StreamState,
        scratch: &mut [f32],
    ) {
        let n = 1;
        let (slot_1, scratch) = scratch.split_at_mut(n * 7);
        let (slot_2, scratch) = scratch.split_at_mut(n * 7);
        let (slot_3, scratch) = scratch.split_at_mut(n * 7);
        ::network_core::Step::advance(
            &self.first,
            path,
            x,
            &mut slot_1[..5],
            &mut state.first,
            scratch,
        );
        ::network_core::Step::advance(
            &self.first_tanh,
            path,
            &slot_1[..5],
            &mut slot_2[..5],
            &mut (),
            scratch,
        );
        ::network_core::Step::advance(
            &self.gate,
            path,
            &slot_2[..5],
            &mut slot_1[..7],
            &mut (),
            scratch,
        );
        ::network_core::Step::advance(
            &self.gate_sigmoid,
            path,
            &slot_1[..7],
            &mut slot_2[..7],
            &mut (),
            scratch,
        );
        ::network_core::Step::advance(
            &self.dense_1,
            path,
            &slot_2[..7],
            &mut slot_1[..7],
            &mut (),
            scratch,
        );
        ::network_core::layers::multiply::forward(
            path,
            ::network_core::__private::samples::<f32, 7>(&slot_2[..7], 1),
            ::network_core::__private::samples::<f32, 7>(&slot_1[..7], 1),
            ::network_core::__private::samples_mut::<f32, 7>(&mut slot_3[..7], 1),
        );
        (&mut slot_1[..7]).copy_from_slice(&slot_3[..7]);
        ::network_core::Step::advance(
            &self.repeat_1,
            path,
            &slot_1[..7],
            &mut slot_2[..7],
            &mut state.repeat_1,
            scratch,
        );
        ::network_core::Step::advance(
            &self.dense_2,
            path,
            &slot_2[..7],
            &mut *y,
            &mut (),
            scratch,
        );
    }
}
/// What a `repeat` repeats.
///
/// | field | layer | output | parameters |
/// |---|---|---|---|
/// | `lstm_1` | `lstm(7, forget_bias = chrono)` | [7; 20] | 448 |
#[derive(__bytemuck_of_Stream::Zeroable)]
#[bytemuck(crate = "__bytemuck_of_Stream")]
#[repr(C)]
struct StreamRepeat1 {
    /// `lstm(7, forget_bias = chrono)`: [7; 20] to [7; 20].
    pub lstm_1: ::network_core::layers::Recurrent<
        ::network_core::layers::Cell<f32, ::network_core::layers::Lstm, 7, 7, 28>,
        20,
        140,
        140,
    >,
}
/// dL/dparameters of [`StreamRepeat1`].
#[derive(Debug)]
#[derive(__bytemuck_of_Stream::Pod)]
#[derive(__bytemuck_of_Stream::Zeroable)]
#[bytemuck(crate = "__bytemuck_of_Stream")]
#[repr(C)]
struct StreamRepeat1Gradient {
    /// dL/dparameters of `lstm_1`.
    pub lstm_1: <::network_core::layers::Recurrent<
        ::network_core::layers::Cell<f32, ::network_core::layers::Lstm, 7, 7, 28>,
        20,
        140,
        140,
    > as ::network_core::Layer>::Gradient,
}
#[automatically_derived]
impl ::core::clone::Clone for StreamRepeat1Gradient {
    fn clone(&self) -> Self {
        *self
    }
}
#[automatically_derived]
impl ::core::marker::Copy for StreamRepeat1Gradient {}
/// What the forward pass of [`StreamRepeat1`] leaves for the backward pass.
#[allow(missing_debug_implementations, non_snake_case)]
#[derive(__bytemuck_of_Stream::Zeroable)]
#[bytemuck(crate = "__bytemuck_of_Stream")]
#[repr(C)]
struct StreamRepeat1Cache<const BATCH: usize> {
    lstm_1_output: [::network_core::nalgebra::SVector<f32, 140>; BATCH],
    lstm_1_cache: <::network_core::layers::Recurrent<
        ::network_core::layers::Cell<f32, ::network_core::layers::Lstm, 7, 7, 28>,
        20,
        140,
        140,
    > as ::network_core::Layer>::Cache<BATCH>,
}
#[allow(unused_variables, clippy::all, clippy::pedantic)]
impl ::network_core::Layer for StreamRepeat1 {
    type Scalar = f32;
    type Input = ::network_core::nalgebra::SVector<f32, 140>;
    type Output = ::network_core::nalgebra::SVector<f32, 140>;
    type Config = ();
    type Gradient = StreamRepeat1Gradient;
    type Cache<const BATCH: usize> = StreamRepeat1Cache<BATCH>;
    const MULTIPLY_ADDS: usize = 0
        + <::network_core::layers::Recurrent<
            ::network_core::layers::Cell<f32, ::network_core::layers::Lstm, 7, 7, 28>,
            20,
            140,
            140,
        > as ::network_core::Layer>::MULTIPLY_ADDS;
    const INPUT_MULTIPLY_ADDS: usize = 0
        + <::network_core::layers::Recurrent<
            ::network_core::layers::Cell<f32, ::network_core::layers::Lstm, 7, 7, 28>,
            20,
            140,
            140,
        > as ::network_core::Layer>::INPUT_MULTIPLY_ADDS;
    const COUPLES_SAMPLES: bool = false
        || <::network_core::layers::Recurrent<
            ::network_core::layers::Cell<f32, ::network_core::layers::Lstm, 7, 7, 28>,
            20,
            140,
            140,
        > as ::network_core::Layer>::COUPLES_SAMPLES;
    fn initialize(&mut self, (): &(), generator: &mut ::network_core::Generator) {
        ::network_core::Layer::initialize(
            &mut self.lstm_1,
            &::network_core::layers::CellConfig {
                gating: ::network_core::layers::Lstm,
                weight_ih: ::network_core::init::Init::XavierUniform {
                    gain: 1.0,
                },
                weight_hh: ::network_core::init::Init::Orthogonal {
                    gain: 1.0,
                },
                bias: ::network_core::init::Init::Zeros,
                forget: ::core::option::Option::Some(::network_core::layers::Forget::Chrono {
                    steps: 20,
                }),
                truncate: 0,
            },
            generator,
        );
    }
    const INFER_SCRATCH: usize = <::network_core::layers::Recurrent<
        ::network_core::layers::Cell<f32, ::network_core::layers::Lstm, 7, 7, 28>,
        20,
        140,
        140,
    > as ::network_core::Layer>::INFER_SCRATCH;
    fn infer(
        &self,
        path: ::network_core::SimdPath,
        x: &[Self::Input],
        y: &mut [Self::Output],
        scratch: &mut [Self::Scalar],
    ) {
        let n = x.len();
        ::network_core::Layer::infer(&self.lstm_1, path, x, &mut *y, scratch);
        ::network_core::layers::residual::forward_in_place(path, 1.0, x, &mut *y);
    }
    fn forward<const BATCH: usize>(
        &self,
        pass: &mut ::network_core::Pass<'_>,
        x: &[Self::Input],
        y: &mut [Self::Output],
        cache: &mut StreamRepeat1Cache<BATCH>,
        scratch: &mut [Self::Scalar],
    ) {
        let n = x.len();
        ::network_core::__private::forward::<
            BATCH,
            _,
        >(
            ("lstm_1", "lstm(7, forget_bias = chrono)"),
            &self.lstm_1,
            pass,
            x,
            ::network_core::__private::first_mut(&mut cache.lstm_1_output, n),
            &mut cache.lstm_1_cache,
            scratch,
        );
        ::network_core::layers::residual::forward(
            pass.path,
            1.0,
            x,
            ::network_core::__private::first(&cache.lstm_1_output, n),
            &mut *y,
        );
        ::network_core::__private::forward_done(("residual_1", "residual"), pass, &*y);
    }
    const SCRATCH: usize = <::network_core::layers::Recurrent<
        ::network_core::layers::Cell<f32, ::network_core::layers::Lstm, 7, 7, 28>,
        20,
        140,
        140,
    > as ::network_core::Layer>::SCRATCH;
    fn backward<const BATCH: usize>(
        &self,
        pass: &mut ::network_core::Pass<'_>,
        x: &[Self::Input],
        y: &[Self::Output],
        d_y: &[Self::Output],
        mut d_x: ::core::option::Option<&mut [Self::Input]>,
        cache: &mut StreamRepeat1Cache<BATCH>,
        gradient: &mut StreamRepeat1Gradient,
        scratch: &mut [Self::Scalar],
    ) {
        let n = x.len();
        ::network_core::__private::backward_begins(
            ("residual_1", "residual"),
            pass,
            d_y,
        );
        ::network_core::__private::backward::<
            BATCH,
            _,
        >(
            ("lstm_1", "lstm(7, forget_bias = chrono)"),
            &self.lstm_1,
            pass,
            x,
            ::network_core::__private::first(&cache.lstm_1_output, n),
            d_y,
            d_x.as_deref_mut(),
            &mut cache.lstm_1_cache,
            &mut gradient.lstm_1,
            scratch,
        );
        if let ::core::option::Option::Some(d_x) = d_x.as_deref_mut() {
            pass.skip("residual_1", d_y, d_x);
            ::network_core::layers::residual::add(pass.path, d_x, d_y);
        }
    }
    fn update_statistics<const BATCH: usize>(
        &mut self,
        cache: &StreamRepeat1Cache<BATCH>,
    ) {
        ::network_core::Layer::update_statistics::<
            BATCH,
        >(&mut self.lstm_1, &cache.lstm_1_cache);
    }
    fn visit(&self, visitor: &mut dyn ::network_core::Visitor<f32>) {
        ::network_core::__private::visit("lstm_1", &self.lstm_1, visitor);
    }
    fn visit_mut(&mut self, visitor: &mut dyn ::network_core::VisitorMut<f32>) {
        ::network_core::__private::visit_mut("lstm_1", &mut self.lstm_1, visitor);
    }
}
/// What [`StreamRepeat1`] remembers from one step to the next.
#[derive(Clone, Debug)]
#[derive(__bytemuck_of_Stream::Zeroable)]
#[bytemuck(crate = "__bytemuck_of_Stream")]
#[repr(C)]
struct StreamRepeat1State {
    /// What `lstm_1` remembers.
    pub lstm_1: <::network_core::layers::Recurrent<
        ::network_core::layers::Cell<f32, ::network_core::layers::Lstm, 7, 7, 28>,
        20,
        140,
        140,
    > as ::network_core::Step>::State,
}
#[allow(unused_variables, clippy::all, clippy::pedantic)]
impl ::network_core::Step for StreamRepeat1 {
    type State = StreamRepeat1State;
    const STEP_INPUT: usize = 7;
    const STEP_SCRATCH: usize = 7
        + ::network_core::__private::max(
            &[
                <::network_core::layers::Recurrent<
                    ::network_core::layers::Cell<
                        f32,
                        ::network_core::layers::Lstm,
                        7,
                        7,
                        28,
                    >,
                    20,
                    140,
                    140,
                > as ::network_core::Step>::STEP_SCRATCH,
            ],
        );
    fn advance(
        &self,
        path: ::network_core::SimdPath,
        x: &[f32],
        y: &mut [f32],
        state: &mut StreamRepeat1State,
        scratch: &mut [f32],
    ) {
        let n = 1;
        let (slot_1, scratch) = scratch.split_at_mut(n * 7);
        ::network_core::Step::advance(
            &self.lstm_1,
            path,
            x,
            &mut slot_1[..7],
            &mut state.lstm_1,
            scratch,
        );
        ::network_core::layers::residual::forward(
            path,
            1.0,
            ::network_core::__private::samples::<f32, 7>(x, 1),
            ::network_core::__private::samples::<f32, 7>(&slot_1[..7], 1),
            ::network_core::__private::samples_mut::<f32, 7>(&mut *y, 1),
        );
    }
}
impl ::network_core::Network for Stream {
    const NAME: &'static str = "Stream";
    const LAYERS: &'static [::network_core::LayerInfo] = &[
        ::network_core::LayerInfo {
            name: "first",
            layer: "gru(5)",
            input: "[3; 20]",
            output: "[5; 20]",
            parameters: 150,
            times: 1,
        },
        ::network_core::LayerInfo {
            name: "first_tanh",
            layer: "tanh",
            input: "[5; 20]",
            output: "[5; 20]",
            parameters: 0,
            times: 1,
        },
        ::network_core::LayerInfo {
            name: "gate",
            layer: "dense(7)",
            input: "[5; 20]",
            output: "[7; 20]",
            parameters: 42,
            times: 1,
        },
        ::network_core::LayerInfo {
            name: "gate_sigmoid",
            layer: "sigmoid",
            input: "[7; 20]",
            output: "[7; 20]",
            parameters: 0,
            times: 1,
        },
        ::network_core::LayerInfo {
            name: "dense_1",
            layer: "dense(7)",
            input: "[7; 20]",
            output: "[7; 20]",
            parameters: 56,
            times: 1,
        },
        ::network_core::LayerInfo {
            name: "repeat_1.*.lstm_1",
            layer: "lstm(7, forget_bias = chrono)",
            input: "[7; 20]",
            output: "[7; 20]",
            parameters: 448,
            times: 2,
        },
        ::network_core::LayerInfo {
            name: "dense_2",
            layer: "dense(2)",
            input: "[7; 20]",
            output: "[2; 20]",
            parameters: 16,
            times: 1,
        },
    ];
    const FLOW: ::network_core::flow::Prediction = ::network_core::flow::Prediction {
        decades: ::core::option::Option::None,
        deviation: ::core::option::Option::None,
        unknown: ::core::option::Option::Some(
            "`first`: a recurrent layer: its memory is judged on its own",
        ),
        findings: &[],
        records: b"\0\0\0\x80\0\0\x80?\\\xF1\xE1\xBE\0\0\x80?\0\0\0\0\0\0\0\0\0\0\xC0\x7F\0\0\xC0\x7F\x01\0\0\x80\0\0\x80?\\\xF1\xE1\xBE\0\0\x80?\0\0\0\0\0\0\0\0\0\0\xC0\x7F\0\0\xC0\x7F\x02\0\0\x808\xC6\xED>\xFC\xAA\x8C\xBE\xF8\xE0\xC9>\xB3\xB9\xBF\xA4)\x15\xB6\n\0\0\xC0\x7F\0\0\xC0\x7F\x03\0\0\x80UUU?\x87\xCBp\xBEy;\xA8>\0\0\0\0)\x15\xB6\n\0\0\xC0\x7F\0\0\xC0\x7F\x04\0\0\x80\x9B\xE6^=\x03@\xCB>\x92\x19\x89>\0\0\0?\x1A\x02o?\0\0\xC0\x7F\0\0\xC0\x7F\x05\0\0\x80\0\0\x80?\x03@\xCB>\x92\x19\x89>\0\0\0\0\x1A\x02o?\0\0\xC0\x7F\0\0\xC0\x7F\x06\0\0\x80\0\0\x80?\x03@\xCB>\x92\x19\x89>\0\0\0\0\x1A\x02o?\0\0\xC0\x7F\0\0\xC0\x7F\x07\0\0\x80\0\0\x80?\x03@\xCB>\x92\x19\x89>\0\0\0\0\x1A\x02o?\0\0\xC0\x7F\0\0\xC0\x7F\x08\0\0\0\0\0\x80?l_|>\x92\x19\x89>\0\0\0\0\x1A\x02o?\0\0\xC0\x7F\0\0\xC0\x7F\t\0\0\x80\0\0\x80?l_|>\x92\x19\t?\0\0\0\0\x1A\x02o?\0\0\xC0\x7F\0\0\xC0\x7F\x08\0\0\0\0\0\x80?\xA4}\xC4=\x92\x19\t?\0\0\0\0\x1A\x02o?\0\0\xC0\x7F\0\0\xC0\x7F\t\0\0\x80\0\0\x80?\xA4}\xC4=\x92\x19\x89?\0\0\0\0\x1A\x02o?\0\0\xC0\x7F\0\0\xC0\x7F\x0B\0\0\x80r\x1C\xC7?\0\0\0\09D\xD5?\0\0\0\0\x1A\x02o?\0\0\xC0\x7F\0\0\xC0\x7F",
        optimizer: "sgd",
        names: &[
            "input",
            "first",
            "first_tanh",
            "gate",
            "gate_sigmoid",
            "dense_1",
            "multiply_1",
            "mask_1",
            "repeat_1.*.lstm_1",
            "repeat_1.*.residual_1",
            "repeat_1",
            "dense_2",
        ],
        words: &[
            "input",
            "gru",
            "tanh",
            "dense",
            "sigmoid",
            "dense",
            "multiply",
            "mask",
            "lstm",
            "residual",
            "repeat",
            "dense",
        ],
    };
    const DECLARATION: ::network_core::Declaration = ::network_core::Declaration {
        source: "",
        places: &[],
    };
    const REMEDIES: &'static [::network_core::flow::Remedy] = &[];
    const CHUNK: usize = ::network_core::__private::chunk(
        <Stream as ::network_core::Layer>::INFER_SCRATCH,
        ::core::mem::size_of::<f32>(),
    );
    type Footprint = ::network_core::__private::Footprint<
        { ::core::mem::size_of::<Stream>() <= ::network_core::__private::STACK_LIMIT },
    >;
    type SampleScratch = [f32; <Stream as ::network_core::Layer>::INFER_SCRATCH];
    type ChunkScratch = [[f32; <Stream as ::network_core::Layer>::INFER_SCRATCH]; <Stream as ::network_core::Network>::CHUNK];
    type Scratch = [f32; <Stream as ::network_core::Layer>::SCRATCH];
}
impl ::network_core::Streaming for Stream {
    type StepInput = ::network_core::nalgebra::SVector<f32, 3>;
    type StepOutput = ::network_core::nalgebra::SVector<f32, 2>;
    type StepScratch = [f32; <Stream as ::network_core::Step>::STEP_SCRATCH];
}
