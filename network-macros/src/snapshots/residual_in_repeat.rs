// #[derive(Clone, Debug)]
// pub struct Deep(64) -> 10 {
//     init = he_normal;
//     stem: dense(64) -> batch_norm -> relu;
//     blocks: repeat(16) {
//         residual { dense(64) -> batch_norm -> relu -> dense(64) -> batch_norm(scale = 0.0) } -> relu;
//     }
//     head: dense(10);
// }

#[doc(hidden)]
#[allow(unused_imports)]
use ::network_core::bytemuck as __bytemuck_of_Deep;
#[derive(Clone, Debug)]
/// A network from a vector of 64 to a vector of 10.
///
/// | field | layer | output | parameters |
/// |---|---|---|---|
/// | `stem` | `dense(64)` | 64 | 4160 |
/// | `stem_batch_norm` | `batch_norm` | 64 | 128 |
/// | `stem_relu` | `relu` | 64 | 0 |
/// | `blocks` | `repeat(16)` | 64 | 137216 |
/// | `head` | `dense(10)` | 10 | 650 |
#[derive(__bytemuck_of_Deep::Zeroable)]
#[bytemuck(crate = "__bytemuck_of_Deep")]
#[repr(C)]
pub struct Deep {
    /// `dense(64)`: 64 to 64.
    pub stem: ::network_core::layers::Dense<f32, 64, 64>,
    /// `batch_norm`: 64 to 64.
    pub stem_batch_norm: ::network_core::layers::BatchNorm<f32, 64>,
    /// `relu`: 64 to 64.
    pub stem_relu: ::network_core::layers::Elementwise<
        f32,
        64,
        ::network_core::layers::Relu,
    >,
    /// `repeat(16)`: 64 to 64.
    pub blocks: [DeepBlocks; 16],
    /// `dense(10)`: 64 to 10.
    pub head: ::network_core::layers::Dense<f32, 64, 10>,
}
/// dL/dparameters of [`Deep`].
#[derive(Debug)]
#[derive(__bytemuck_of_Deep::Pod)]
#[derive(__bytemuck_of_Deep::Zeroable)]
#[bytemuck(crate = "__bytemuck_of_Deep")]
#[repr(C)]
pub struct DeepGradient {
    /// dL/dparameters of `stem`.
    pub stem: <::network_core::layers::Dense<
        f32,
        64,
        64,
    > as ::network_core::Layer>::Gradient,
    /// dL/dparameters of `stem_batch_norm`.
    pub stem_batch_norm: <::network_core::layers::BatchNorm<
        f32,
        64,
    > as ::network_core::Layer>::Gradient,
    /// dL/dparameters of `blocks`.
    pub blocks: <[DeepBlocks; 16] as ::network_core::Layer>::Gradient,
    /// dL/dparameters of `head`.
    pub head: <::network_core::layers::Dense<
        f32,
        64,
        10,
    > as ::network_core::Layer>::Gradient,
}
#[automatically_derived]
impl ::core::clone::Clone for DeepGradient {
    fn clone(&self) -> Self {
        *self
    }
}
#[automatically_derived]
impl ::core::marker::Copy for DeepGradient {}
/// What the forward pass of [`Deep`] leaves for the backward pass.
#[allow(missing_debug_implementations, non_snake_case)]
#[derive(__bytemuck_of_Deep::Zeroable)]
#[bytemuck(crate = "__bytemuck_of_Deep")]
#[repr(C)]
pub struct DeepCache<const BATCH: usize> {
    stem_output: [::network_core::nalgebra::SVector<f32, 64>; BATCH],
    stem_batch_norm_output: [::network_core::nalgebra::SVector<f32, 64>; BATCH],
    blocks_output: [::network_core::nalgebra::SVector<f32, 64>; BATCH],
    stem_batch_norm_cache: <::network_core::layers::BatchNorm<
        f32,
        64,
    > as ::network_core::Layer>::Cache<BATCH>,
    blocks_cache: <[DeepBlocks; 16] as ::network_core::Layer>::Cache<BATCH>,
}
#[allow(unused_variables, clippy::all, clippy::pedantic)]
impl ::network_core::Layer for Deep {
    type Scalar = f32;
    type Input = ::network_core::nalgebra::SVector<f32, 64>;
    type Output = ::network_core::nalgebra::SVector<f32, 10>;
    type Config = ();
    type Gradient = DeepGradient;
    type Cache<const BATCH: usize> = DeepCache<BATCH>;
    const MULTIPLY_ADDS: usize = 0
        + <::network_core::layers::Dense<
            f32,
            64,
            64,
        > as ::network_core::Layer>::MULTIPLY_ADDS
        + <::network_core::layers::BatchNorm<
            f32,
            64,
        > as ::network_core::Layer>::MULTIPLY_ADDS
        + <::network_core::layers::Elementwise<
            f32,
            64,
            ::network_core::layers::Relu,
        > as ::network_core::Layer>::MULTIPLY_ADDS
        + <[DeepBlocks; 16] as ::network_core::Layer>::MULTIPLY_ADDS
        + <::network_core::layers::Dense<
            f32,
            64,
            10,
        > as ::network_core::Layer>::MULTIPLY_ADDS;
    const INPUT_MULTIPLY_ADDS: usize = 0
        + <::network_core::layers::Dense<
            f32,
            64,
            64,
        > as ::network_core::Layer>::INPUT_MULTIPLY_ADDS;
    const COUPLES_SAMPLES: bool = false
        || <::network_core::layers::Dense<
            f32,
            64,
            64,
        > as ::network_core::Layer>::COUPLES_SAMPLES
        || <::network_core::layers::BatchNorm<
            f32,
            64,
        > as ::network_core::Layer>::COUPLES_SAMPLES
        || <::network_core::layers::Elementwise<
            f32,
            64,
            ::network_core::layers::Relu,
        > as ::network_core::Layer>::COUPLES_SAMPLES
        || <[DeepBlocks; 16] as ::network_core::Layer>::COUPLES_SAMPLES
        || <::network_core::layers::Dense<
            f32,
            64,
            10,
        > as ::network_core::Layer>::COUPLES_SAMPLES;
    fn initialize(&mut self, (): &(), generator: &mut ::network_core::Generator) {
        ::network_core::Layer::initialize(
            &mut self.stem,
            &::network_core::layers::DenseConfig {
                weight: ::network_core::init::Init::HeNormal {
                    gain: 1.4142135623730951,
                    fan: ::network_core::init::Fan::FanIn,
                },
                bias: ::network_core::init::Init::Zeros,
            },
            generator,
        );
        ::network_core::Layer::initialize(
            &mut self.stem_batch_norm,
            &::network_core::layers::BatchNormConfig {
                momentum: 0.1,
                epsilon: 0.00001,
                scale: 1.0,
                shift: 0.0,
            },
            generator,
        );
        ::network_core::Layer::initialize(
            &mut self.stem_relu,
            &::network_core::layers::Relu,
            generator,
        );
        ::network_core::Layer::initialize(&mut self.blocks, &(), generator);
        ::network_core::Layer::initialize(
            &mut self.head,
            &::network_core::layers::DenseConfig {
                weight: ::network_core::init::Init::HeNormal {
                    gain: 1.4142135623730951,
                    fan: ::network_core::init::Fan::FanIn,
                },
                bias: ::network_core::init::Init::Zeros,
            },
            generator,
        );
    }
    const INFER_SCRATCH: usize = 128
        + <[DeepBlocks; 16] as ::network_core::Layer>::INFER_SCRATCH;
    fn infer(
        &self,
        path: ::network_core::SimdPath,
        x: &[Self::Input],
        y: &mut [Self::Output],
        scratch: &mut [Self::Scalar],
    ) {
        let n = x.len();
        let (slot_1, scratch) = ::network_core::__private::slot::<f32, 64>(scratch, n);
        let (slot_2, scratch) = ::network_core::__private::slot::<f32, 64>(scratch, n);
        ::network_core::Layer::infer(&self.stem, path, x, &mut *slot_1, scratch);
        ::network_core::Layer::infer(
            &self.stem_batch_norm,
            path,
            &*slot_1,
            &mut *slot_2,
            scratch,
        );
        self.stem_relu.forward_in_place(path, &mut *slot_2);
        ::network_core::Layer::infer(
            &self.blocks,
            path,
            &*slot_2,
            &mut *slot_1,
            scratch,
        );
        ::network_core::Layer::infer(&self.head, path, &*slot_1, &mut *y, scratch);
    }
    fn forward<const BATCH: usize>(
        &self,
        pass: &mut ::network_core::Pass<'_>,
        x: &[Self::Input],
        y: &mut [Self::Output],
        cache: &mut DeepCache<BATCH>,
        scratch: &mut [Self::Scalar],
    ) {
        let n = x.len();
        ::network_core::__private::forward::<
            BATCH,
            _,
        >(
            ("stem", "dense(64)"),
            &self.stem,
            pass,
            x,
            ::network_core::__private::first_mut(&mut cache.stem_output, n),
            &mut (),
            scratch,
        );
        ::network_core::__private::forward::<
            BATCH,
            _,
        >(
            ("stem_batch_norm", "batch_norm"),
            &self.stem_batch_norm,
            pass,
            ::network_core::__private::first(&cache.stem_output, n),
            ::network_core::__private::first_mut(&mut cache.stem_batch_norm_output, n),
            &mut cache.stem_batch_norm_cache,
            scratch,
        );
        ::network_core::__private::forward_in_place(
            ("stem_relu", "relu"),
            &self.stem_relu,
            pass,
            ::network_core::__private::first_mut(&mut cache.stem_batch_norm_output, n),
        );
        ::network_core::__private::forward::<
            BATCH,
            _,
        >(
            ("blocks", "repeat(16)"),
            &self.blocks,
            pass,
            ::network_core::__private::first(&cache.stem_batch_norm_output, n),
            ::network_core::__private::first_mut(&mut cache.blocks_output, n),
            &mut cache.blocks_cache,
            scratch,
        );
        ::network_core::__private::forward::<
            BATCH,
            _,
        >(
            ("head", "dense(10)"),
            &self.head,
            pass,
            ::network_core::__private::first(&cache.blocks_output, n),
            &mut *y,
            &mut (),
            scratch,
        );
    }
    const SCRATCH: usize = 128 + <[DeepBlocks; 16] as ::network_core::Layer>::SCRATCH;
    fn backward<const BATCH: usize>(
        &self,
        pass: &mut ::network_core::Pass<'_>,
        x: &[Self::Input],
        y: &[Self::Output],
        d_y: &[Self::Output],
        mut d_x: ::core::option::Option<&mut [Self::Input]>,
        cache: &mut DeepCache<BATCH>,
        gradient: &mut DeepGradient,
        scratch: &mut [Self::Scalar],
    ) {
        let n = x.len();
        let (slot_1, scratch) = ::network_core::__private::slot::<f32, 64>(scratch, n);
        let (slot_2, scratch) = ::network_core::__private::slot::<f32, 64>(scratch, n);
        ::network_core::__private::backward::<
            BATCH,
            _,
        >(
            ("head", "dense(10)"),
            &self.head,
            pass,
            ::network_core::__private::first(&cache.blocks_output, n),
            &*y,
            d_y,
            ::core::option::Option::Some(&mut *slot_1),
            &mut (),
            &mut gradient.head,
            scratch,
        );
        ::network_core::__private::backward::<
            BATCH,
            _,
        >(
            ("blocks", "repeat(16)"),
            &self.blocks,
            pass,
            ::network_core::__private::first(&cache.stem_batch_norm_output, n),
            ::network_core::__private::first(&cache.blocks_output, n),
            &*slot_1,
            ::core::option::Option::Some(&mut *slot_2),
            &mut cache.blocks_cache,
            &mut gradient.blocks,
            scratch,
        );
        ::network_core::__private::backward_in_place(
            ("stem_relu", "relu"),
            &self.stem_relu,
            pass,
            ::network_core::__private::first(&cache.stem_batch_norm_output, n),
            &mut *slot_2,
        );
        ::network_core::__private::backward::<
            BATCH,
            _,
        >(
            ("stem_batch_norm", "batch_norm"),
            &self.stem_batch_norm,
            pass,
            ::network_core::__private::first(&cache.stem_output, n),
            ::network_core::__private::first(&cache.stem_batch_norm_output, n),
            &*slot_2,
            ::core::option::Option::Some(&mut *slot_1),
            &mut cache.stem_batch_norm_cache,
            &mut gradient.stem_batch_norm,
            scratch,
        );
        ::network_core::__private::backward::<
            BATCH,
            _,
        >(
            ("stem", "dense(64)"),
            &self.stem,
            pass,
            x,
            ::network_core::__private::first(&cache.stem_output, n),
            &*slot_1,
            d_x.as_deref_mut(),
            &mut (),
            &mut gradient.stem,
            scratch,
        );
    }
    fn update_statistics<const BATCH: usize>(&mut self, cache: &DeepCache<BATCH>) {
        ::network_core::Layer::update_statistics::<
            BATCH,
        >(&mut self.stem_batch_norm, &cache.stem_batch_norm_cache);
        ::network_core::Layer::update_statistics::<
            BATCH,
        >(&mut self.blocks, &cache.blocks_cache);
    }
    fn visit(&self, visitor: &mut dyn ::network_core::Visitor<f32>) {
        ::network_core::__private::visit("stem", &self.stem, visitor);
        ::network_core::__private::visit(
            "stem_batch_norm",
            &self.stem_batch_norm,
            visitor,
        );
        ::network_core::__private::visit("blocks", &self.blocks, visitor);
        ::network_core::__private::visit("head", &self.head, visitor);
    }
    fn visit_mut(&mut self, visitor: &mut dyn ::network_core::VisitorMut<f32>) {
        ::network_core::__private::visit_mut("stem", &mut self.stem, visitor);
        ::network_core::__private::visit_mut(
            "stem_batch_norm",
            &mut self.stem_batch_norm,
            visitor,
        );
        ::network_core::__private::visit_mut("blocks", &mut self.blocks, visitor);
        ::network_core::__private::visit_mut("head", &mut self.head, visitor);
    }
}
#[derive(Clone, Debug)]
/// What a `repeat` repeats.
///
/// | field | layer | output | parameters |
/// |---|---|---|---|
/// | `dense_1` | `dense(64)` | 64 | 4160 |
/// | `batch_norm_1` | `batch_norm` | 64 | 128 |
/// | `relu_1` | `relu` | 64 | 0 |
/// | `dense_2` | `dense(64)` | 64 | 4160 |
/// | `batch_norm_2` | `batch_norm(scale = 0.0)` | 64 | 128 |
/// | `relu_2` | `relu` | 64 | 0 |
#[derive(__bytemuck_of_Deep::Zeroable)]
#[bytemuck(crate = "__bytemuck_of_Deep")]
#[repr(C)]
pub struct DeepBlocks {
    /// `dense(64)`: 64 to 64.
    pub dense_1: ::network_core::layers::Dense<f32, 64, 64>,
    /// `batch_norm`: 64 to 64.
    pub batch_norm_1: ::network_core::layers::BatchNorm<f32, 64>,
    /// `relu`: 64 to 64.
    pub relu_1: ::network_core::layers::Elementwise<
        f32,
        64,
        ::network_core::layers::Relu,
    >,
    /// `dense(64)`: 64 to 64.
    pub dense_2: ::network_core::layers::Dense<f32, 64, 64>,
    /// `batch_norm(scale = 0.0)`: 64 to 64.
    pub batch_norm_2: ::network_core::layers::BatchNorm<f32, 64>,
    /// `relu`: 64 to 64.
    pub relu_2: ::network_core::layers::Elementwise<
        f32,
        64,
        ::network_core::layers::Relu,
    >,
}
/// dL/dparameters of [`DeepBlocks`].
#[derive(Debug)]
#[derive(__bytemuck_of_Deep::Pod)]
#[derive(__bytemuck_of_Deep::Zeroable)]
#[bytemuck(crate = "__bytemuck_of_Deep")]
#[repr(C)]
pub struct DeepBlocksGradient {
    /// dL/dparameters of `dense_1`.
    pub dense_1: <::network_core::layers::Dense<
        f32,
        64,
        64,
    > as ::network_core::Layer>::Gradient,
    /// dL/dparameters of `batch_norm_1`.
    pub batch_norm_1: <::network_core::layers::BatchNorm<
        f32,
        64,
    > as ::network_core::Layer>::Gradient,
    /// dL/dparameters of `dense_2`.
    pub dense_2: <::network_core::layers::Dense<
        f32,
        64,
        64,
    > as ::network_core::Layer>::Gradient,
    /// dL/dparameters of `batch_norm_2`.
    pub batch_norm_2: <::network_core::layers::BatchNorm<
        f32,
        64,
    > as ::network_core::Layer>::Gradient,
}
#[automatically_derived]
impl ::core::clone::Clone for DeepBlocksGradient {
    fn clone(&self) -> Self {
        *self
    }
}
#[automatically_derived]
impl ::core::marker::Copy for DeepBlocksGradient {}
/// What the forward pass of [`DeepBlocks`] leaves for the backward pass.
#[allow(missing_debug_implementations, non_snake_case)]
#[derive(__bytemuck_of_Deep::Zeroable)]
#[bytemuck(crate = "__bytemuck_of_Deep")]
#[repr(C)]
pub struct DeepBlocksCache<const BATCH: usize> {
    dense_1_output: [::network_core::nalgebra::SVector<f32, 64>; BATCH],
    batch_norm_1_output: [::network_core::nalgebra::SVector<f32, 64>; BATCH],
    dense_2_output: [::network_core::nalgebra::SVector<f32, 64>; BATCH],
    batch_norm_1_cache: <::network_core::layers::BatchNorm<
        f32,
        64,
    > as ::network_core::Layer>::Cache<BATCH>,
    batch_norm_2_cache: <::network_core::layers::BatchNorm<
        f32,
        64,
    > as ::network_core::Layer>::Cache<BATCH>,
}
#[allow(unused_variables, clippy::all, clippy::pedantic)]
impl ::network_core::Layer for DeepBlocks {
    type Scalar = f32;
    type Input = ::network_core::nalgebra::SVector<f32, 64>;
    type Output = ::network_core::nalgebra::SVector<f32, 64>;
    type Config = ();
    type Gradient = DeepBlocksGradient;
    type Cache<const BATCH: usize> = DeepBlocksCache<BATCH>;
    const MULTIPLY_ADDS: usize = 0
        + 2
            * <::network_core::layers::Dense<
                f32,
                64,
                64,
            > as ::network_core::Layer>::MULTIPLY_ADDS
        + 2
            * <::network_core::layers::BatchNorm<
                f32,
                64,
            > as ::network_core::Layer>::MULTIPLY_ADDS
        + 2
            * <::network_core::layers::Elementwise<
                f32,
                64,
                ::network_core::layers::Relu,
            > as ::network_core::Layer>::MULTIPLY_ADDS;
    const INPUT_MULTIPLY_ADDS: usize = 0
        + <::network_core::layers::Dense<
            f32,
            64,
            64,
        > as ::network_core::Layer>::INPUT_MULTIPLY_ADDS;
    const COUPLES_SAMPLES: bool = false
        || <::network_core::layers::Dense<
            f32,
            64,
            64,
        > as ::network_core::Layer>::COUPLES_SAMPLES
        || <::network_core::layers::BatchNorm<
            f32,
            64,
        > as ::network_core::Layer>::COUPLES_SAMPLES
        || <::network_core::layers::Elementwise<
            f32,
            64,
            ::network_core::layers::Relu,
        > as ::network_core::Layer>::COUPLES_SAMPLES;
    fn initialize(&mut self, (): &(), generator: &mut ::network_core::Generator) {
        ::network_core::Layer::initialize(
            &mut self.dense_1,
            &::network_core::layers::DenseConfig {
                weight: ::network_core::init::Init::HeNormal {
                    gain: 1.4142135623730951,
                    fan: ::network_core::init::Fan::FanIn,
                },
                bias: ::network_core::init::Init::Zeros,
            },
            generator,
        );
        ::network_core::Layer::initialize(
            &mut self.batch_norm_1,
            &::network_core::layers::BatchNormConfig {
                momentum: 0.1,
                epsilon: 0.00001,
                scale: 1.0,
                shift: 0.0,
            },
            generator,
        );
        ::network_core::Layer::initialize(
            &mut self.relu_1,
            &::network_core::layers::Relu,
            generator,
        );
        ::network_core::Layer::initialize(
            &mut self.dense_2,
            &::network_core::layers::DenseConfig {
                weight: ::network_core::init::Init::HeNormal {
                    gain: 1.4142135623730951,
                    fan: ::network_core::init::Fan::FanIn,
                },
                bias: ::network_core::init::Init::Zeros,
            },
            generator,
        );
        ::network_core::Layer::initialize(
            &mut self.batch_norm_2,
            &::network_core::layers::BatchNormConfig {
                momentum: 0.1,
                epsilon: 0.00001,
                scale: 0.0,
                shift: 0.0,
            },
            generator,
        );
        ::network_core::Layer::initialize(
            &mut self.relu_2,
            &::network_core::layers::Relu,
            generator,
        );
    }
    const INFER_SCRATCH: usize = 128;
    fn infer(
        &self,
        path: ::network_core::SimdPath,
        x: &[Self::Input],
        y: &mut [Self::Output],
        scratch: &mut [Self::Scalar],
    ) {
        let n = x.len();
        let (slot_1, scratch) = ::network_core::__private::slot::<f32, 64>(scratch, n);
        let (slot_2, scratch) = ::network_core::__private::slot::<f32, 64>(scratch, n);
        ::network_core::Layer::infer(&self.dense_1, path, x, &mut *slot_1, scratch);
        ::network_core::Layer::infer(
            &self.batch_norm_1,
            path,
            &*slot_1,
            &mut *slot_2,
            scratch,
        );
        self.relu_1.forward_in_place(path, &mut *slot_2);
        ::network_core::Layer::infer(
            &self.dense_2,
            path,
            &*slot_2,
            &mut *slot_1,
            scratch,
        );
        ::network_core::Layer::infer(
            &self.batch_norm_2,
            path,
            &*slot_1,
            &mut *y,
            scratch,
        );
        ::network_core::layers::residual::forward_in_place(path, 1.0, x, &mut *y);
        self.relu_2.forward_in_place(path, &mut *y);
    }
    fn forward<const BATCH: usize>(
        &self,
        pass: &mut ::network_core::Pass<'_>,
        x: &[Self::Input],
        y: &mut [Self::Output],
        cache: &mut DeepBlocksCache<BATCH>,
        scratch: &mut [Self::Scalar],
    ) {
        let n = x.len();
        ::network_core::__private::forward::<
            BATCH,
            _,
        >(
            ("dense_1", "dense(64)"),
            &self.dense_1,
            pass,
            x,
            ::network_core::__private::first_mut(&mut cache.dense_1_output, n),
            &mut (),
            scratch,
        );
        ::network_core::__private::forward::<
            BATCH,
            _,
        >(
            ("batch_norm_1", "batch_norm"),
            &self.batch_norm_1,
            pass,
            ::network_core::__private::first(&cache.dense_1_output, n),
            ::network_core::__private::first_mut(&mut cache.batch_norm_1_output, n),
            &mut cache.batch_norm_1_cache,
            scratch,
        );
        ::network_core::__private::forward_in_place(
            ("relu_1", "relu"),
            &self.relu_1,
            pass,
            ::network_core::__private::first_mut(&mut cache.batch_norm_1_output, n),
        );
        ::network_core::__private::forward::<
            BATCH,
            _,
        >(
            ("dense_2", "dense(64)"),
            &self.dense_2,
            pass,
            ::network_core::__private::first(&cache.batch_norm_1_output, n),
            ::network_core::__private::first_mut(&mut cache.dense_2_output, n),
            &mut (),
            scratch,
        );
        ::network_core::__private::forward::<
            BATCH,
            _,
        >(
            ("batch_norm_2", "batch_norm(scale = 0.0)"),
            &self.batch_norm_2,
            pass,
            ::network_core::__private::first(&cache.dense_2_output, n),
            &mut *y,
            &mut cache.batch_norm_2_cache,
            scratch,
        );
        ::network_core::layers::residual::forward_in_place(pass.path, 1.0, x, &mut *y);
        ::network_core::__private::forward_done(("residual_1", "residual"), pass, &*y);
        ::network_core::__private::forward_in_place(
            ("relu_2", "relu"),
            &self.relu_2,
            pass,
            &mut *y,
        );
    }
    const SCRATCH: usize = 192;
    fn backward<const BATCH: usize>(
        &self,
        pass: &mut ::network_core::Pass<'_>,
        x: &[Self::Input],
        y: &[Self::Output],
        d_y: &[Self::Output],
        mut d_x: ::core::option::Option<&mut [Self::Input]>,
        cache: &mut DeepBlocksCache<BATCH>,
        gradient: &mut DeepBlocksGradient,
        scratch: &mut [Self::Scalar],
    ) {
        let n = x.len();
        let (slot_1, scratch) = ::network_core::__private::slot::<f32, 64>(scratch, n);
        let (slot_2, scratch) = ::network_core::__private::slot::<f32, 64>(scratch, n);
        let (slot_3, scratch) = ::network_core::__private::slot::<f32, 64>(scratch, n);
        ::network_core::__private::backward::<
            BATCH,
            _,
        >(
            ("relu_2", "relu"),
            &self.relu_2,
            pass,
            &*y,
            &*y,
            d_y,
            ::core::option::Option::Some(&mut *slot_1),
            &mut (),
            &mut (),
            scratch,
        );
        ::network_core::__private::backward_begins(
            ("residual_1", "residual"),
            pass,
            &*slot_1,
        );
        ::network_core::__private::backward::<
            BATCH,
            _,
        >(
            ("batch_norm_2", "batch_norm(scale = 0.0)"),
            &self.batch_norm_2,
            pass,
            ::network_core::__private::first(&cache.dense_2_output, n),
            &*y,
            &*slot_1,
            ::core::option::Option::Some(&mut *slot_2),
            &mut cache.batch_norm_2_cache,
            &mut gradient.batch_norm_2,
            scratch,
        );
        ::network_core::__private::backward::<
            BATCH,
            _,
        >(
            ("dense_2", "dense(64)"),
            &self.dense_2,
            pass,
            ::network_core::__private::first(&cache.batch_norm_1_output, n),
            ::network_core::__private::first(&cache.dense_2_output, n),
            &*slot_2,
            ::core::option::Option::Some(&mut *slot_3),
            &mut (),
            &mut gradient.dense_2,
            scratch,
        );
        ::network_core::__private::backward_in_place(
            ("relu_1", "relu"),
            &self.relu_1,
            pass,
            ::network_core::__private::first(&cache.batch_norm_1_output, n),
            &mut *slot_3,
        );
        ::network_core::__private::backward::<
            BATCH,
            _,
        >(
            ("batch_norm_1", "batch_norm"),
            &self.batch_norm_1,
            pass,
            ::network_core::__private::first(&cache.dense_1_output, n),
            ::network_core::__private::first(&cache.batch_norm_1_output, n),
            &*slot_3,
            ::core::option::Option::Some(&mut *slot_2),
            &mut cache.batch_norm_1_cache,
            &mut gradient.batch_norm_1,
            scratch,
        );
        ::network_core::__private::backward::<
            BATCH,
            _,
        >(
            ("dense_1", "dense(64)"),
            &self.dense_1,
            pass,
            x,
            ::network_core::__private::first(&cache.dense_1_output, n),
            &*slot_2,
            d_x.as_deref_mut(),
            &mut (),
            &mut gradient.dense_1,
            scratch,
        );
        if let ::core::option::Option::Some(d_x) = d_x.as_deref_mut() {
            pass.skip("residual_1", &*slot_1, d_x);
            ::network_core::layers::residual::add(pass.path, d_x, &*slot_1);
        }
    }
    fn update_statistics<const BATCH: usize>(&mut self, cache: &DeepBlocksCache<BATCH>) {
        ::network_core::Layer::update_statistics::<
            BATCH,
        >(&mut self.batch_norm_1, &cache.batch_norm_1_cache);
        ::network_core::Layer::update_statistics::<
            BATCH,
        >(&mut self.batch_norm_2, &cache.batch_norm_2_cache);
    }
    fn visit(&self, visitor: &mut dyn ::network_core::Visitor<f32>) {
        ::network_core::__private::visit("dense_1", &self.dense_1, visitor);
        ::network_core::__private::visit("batch_norm_1", &self.batch_norm_1, visitor);
        ::network_core::__private::visit("dense_2", &self.dense_2, visitor);
        ::network_core::__private::visit("batch_norm_2", &self.batch_norm_2, visitor);
    }
    fn visit_mut(&mut self, visitor: &mut dyn ::network_core::VisitorMut<f32>) {
        ::network_core::__private::visit_mut("dense_1", &mut self.dense_1, visitor);
        ::network_core::__private::visit_mut(
            "batch_norm_1",
            &mut self.batch_norm_1,
            visitor,
        );
        ::network_core::__private::visit_mut("dense_2", &mut self.dense_2, visitor);
        ::network_core::__private::visit_mut(
            "batch_norm_2",
            &mut self.batch_norm_2,
            visitor,
        );
    }
}
impl ::network_core::Network for Deep {
    const NAME: &'static str = "Deep";
    const LAYERS: &'static [::network_core::LayerInfo] = &[
        ::network_core::LayerInfo {
            name: "stem",
            layer: "dense(64)",
            input: "64",
            output: "64",
            parameters: 4160,
            times: 1,
        },
        ::network_core::LayerInfo {
            name: "stem_batch_norm",
            layer: "batch_norm",
            input: "64",
            output: "64",
            parameters: 128,
            times: 1,
        },
        ::network_core::LayerInfo {
            name: "stem_relu",
            layer: "relu",
            input: "64",
            output: "64",
            parameters: 0,
            times: 1,
        },
        ::network_core::LayerInfo {
            name: "blocks.*.dense_1",
            layer: "dense(64)",
            input: "64",
            output: "64",
            parameters: 4160,
            times: 16,
        },
        ::network_core::LayerInfo {
            name: "blocks.*.batch_norm_1",
            layer: "batch_norm",
            input: "64",
            output: "64",
            parameters: 128,
            times: 16,
        },
        ::network_core::LayerInfo {
            name: "blocks.*.relu_1",
            layer: "relu",
            input: "64",
            output: "64",
            parameters: 0,
            times: 16,
        },
        ::network_core::LayerInfo {
            name: "blocks.*.dense_2",
            layer: "dense(64)",
            input: "64",
            output: "64",
            parameters: 4160,
            times: 16,
        },
        ::network_core::LayerInfo {
            name: "blocks.*.batch_norm_2",
            layer: "batch_norm(scale = 0.0)",
            input: "64",
            output: "64",
            parameters: 128,
            times: 16,
        },
        ::network_core::LayerInfo {
            name: "blocks.*.relu_2",
            layer: "relu",
            input: "64",
            output: "64",
            parameters: 0,
            times: 16,
        },
        ::network_core::LayerInfo {
            name: "head",
            layer: "dense(10)",
            input: "64",
            output: "10",
            parameters: 650,
            times: 1,
        },
    ];
    const FLOW: ::network_core::flow::Prediction = ::network_core::flow::Prediction {
        decades: ::core::option::Option::Some(-0.15051608356548088),
        deviation: ::core::option::Option::Some(0.06186866086351847),
        unknown: ::core::option::Option::None,
        findings: &[
            ::network_core::flow::Finding {
                kind: "bias without effect",
                severity: ::network_core::flow::Severity::Note,
                layer: "stem",
                text: "bias without effect: the batch norm after `stem` subtracts it again\nhelp: `dense(64, bias = false)`",
            },
        ],
        records: b"\0\0\0\x80\0\0\0@\xE3 \x1A\xBE\0\0\0@\0\0\0\0\0\0\0\0\xFEi}=\xD9[\xDE;\x01\0\0\x80\xAC\xFF\xFF>\xFE\x8A\n%\xAC\xFF\x7F?\0\0\0\0\0\0\0\0\xFEi}=m\xB9\x113\x02\0\0\x80\0\0\x80?\xC8\x96\xDD\xAF\xAC\xFF\xFF>\x08B\xCC>\x83\xF9\xA2>\xCF\x16{=@\xCA/<\x03\0\0\0\0\0\xC0\x7F\0\0\x80\xFF\xAC\xFF\x7F?\0\0\0\0\x83\xF9\xA2>\xCF\x16{=@\xCA/<\x04\0\0\0\0\0\xC0\x7F\0\0\x80\xFF\n\xFF\x7F?\0\0\0\0\0\0\0\0\xCF\x16{=\xA2\xFF(4\x05\0\0\0\0\0\xC0\x7F\0\0\x80\xFF\n\xFF\xFF>\xC7A\xCC>\x83\xF9\xA2>\xCF\x16{=@\xCA/<\x06\0\0\0\0\0\xC0\x7F\0\0\x80\xFF\n\xFF\x7F?\0\0\0\0\x83\xF9\xA2>\xCF\x16{=@\xCA/<\x07\0\0\0\0\0\0\0\xC8\x96\xDD\xAF\0\0\0\0\0\0\0\0\0\0\x80?\xCF\x16{=\r\0)4\x08\0\0\x80\0\0\x80?\xC8\x96\xDD\xAF\xAC\xFF\xFF>\x08B\xCC>\x83\xF9\xA2>\xCF\x16{=@\xCA/<\t\0\0\x80\0\0\x80?\xC7\x96\xDD\xAF\xAB\xFF\xFF>}\x99\xCC>1\x85\xA3>\x8A\xAAs=\xD2\xA3\xFE<\x03\0\0\0\0\0\xC0\x7F\0\0\x80\xFF\xAB\xFF\x7F?\0\0\0\x001\x85\xA3>\x8A\xAAs=\xD2\xA3\xFE<\x04\0\0\0\0\0\xC0\x7F\0\0\x80\xFF\n\xFF\x7F?\0\0\0\0\0\0\0\0\x8A\xAAs=z/\xF54\x05\0\0\0\0\0\xC0\x7F\0\0\x80\xFF\n\xFF\xFF>\xC7A\xCC>\x83\xF9\xA2>\x8A\xAAs=@\xCA/<\x06\0\0\0\0\0\xC0\x7F\0\0\x80\xFF\n\xFF\x7F?\0\0\0\0\x83\xF9\xA2>\x8A\xAAs=@\xCA/<\x07\0\0\0\0\0\0\0\xC7\x96\xDD\xAF\0\0\0\0\0\0\0\0\0\0\x80?\x8A\xAAs=\r\0)4\x08\0\0\x80\0\0\x80?\xC7\x96\xDD\xAF\xAB\xFF\xFF>}\x99\xCC>1\x85\xA3>\x8A\xAAs=\xD2\xA3\xFE<\t\0\0\x80\0\0\x80?\xC9\x96\xDD\xAF\xAB\xFF\xFF>}\x99\xCC>1\x85\xA3>\xD3\xFDk=\x15\xBC.=\x03\0\0\0\0\0\xC0\x7F\0\0\x80\xFF\xAB\xFF\x7F?\0\0\0\x001\x85\xA3>\xD3\xFDk=\x15\xBC.=\x04\0\0\0\0\0\xC0\x7F\0\0\x80\xFF\n\xFF\x7F?\0\0\0\0\0\0\0\0\xD3\xFDk=<?(5\x05\0\0\0\0\0\xC0\x7F\0\0\x80\xFF\n\xFF\xFF>\xC7A\xCC>\x83\xF9\xA2>\xD3\xFDk=A\xCA/<\x06\0\0\0\0\0\xC0\x7F\0\0\x80\xFF\n\xFF\x7F?\0\0\0\0\x83\xF9\xA2>\xD3\xFDk=A\xCA/<\x07\0\0\0\0\0\0\0\xC9\x96\xDD\xAF\0\0\0\0\0\0\0\0\0\0\x80?\xD3\xFDk=\r\0)4\x08\0\0\x80\0\0\x80?\xC9\x96\xDD\xAF\xAB\xFF\xFF>}\x99\xCC>1\x85\xA3>\xD3\xFDk=\x15\xBC.=\t\0\0\x80\0\0\x80?\xC8\x96\xDD\xAF\xAB\xFF\xFF>}\x99\xCC>1\x85\xA3>\x08\x0Fd=\xAB\xC9S=\x03\0\0\0\0\0\xC0\x7F\0\0\x80\xFF\xAB\xFF\x7F?\0\0\0\x001\x85\xA3>\x08\x0Fd=\xAB\xC9S=\x04\0\0\0\0\0\xC0\x7F\0\0\x80\xFF\n\xFF\x7F?\0\0\0\0\0\0\0\0\x08\x0Fd=\xA2\xECK5\x05\0\0\0\0\0\xC0\x7F\0\0\x80\xFF\n\xFF\xFF>\xC7A\xCC>\x83\xF9\xA2>\x08\x0Fd=A\xCA/<\x06\0\0\0\0\0\xC0\x7F\0\0\x80\xFF\n\xFF\x7F?\0\0\0\0\x83\xF9\xA2>\x08\x0Fd=A\xCA/<\x07\0\0\0\0\0\0\0\xC8\x96\xDD\xAF\0\0\0\0\0\0\0\0\0\0\x80?\x08\x0Fd=\r\0)4\x08\0\0\x80\0\0\x80?\xC8\x96\xDD\xAF\xAB\xFF\xFF>}\x99\xCC>1\x85\xA3>\x08\x0Fd=\xAB\xC9S=\t\0\0\x80\0\0\x80?\xCA\x96\xDD\xAF\xAB\xFF\xFF>}\x99\xCC>1\x85\xA3>\x02\xD7[=\xD0Bs=\x03\0\0\0\0\0\xC0\x7F\0\0\x80\xFF\xAB\xFF\x7F?\0\0\0\x001\x85\xA3>\x02\xD7[=\xD0Bs=\x04\0\0\0\0\0\xC0\x7F\0\0\x80\xFF\n\xFF\x7F?\0\0\0\0\0\0\0\0\x02\xD7[=\xA0:j5\x05\0\0\0\0\0\xC0\x7F\0\0\x80\xFF\n\xFF\xFF>\xC7A\xCC>\x83\xF9\xA2>\x02\xD7[=A\xCA/<\x06\0\0\0\0\0\xC0\x7F\0\0\x80\xFF\n\xFF\x7F?\0\0\0\0\x83\xF9\xA2>\x02\xD7[=A\xCA/<\x07\0\0\0\0\0\0\0\xCA\x96\xDD\xAF\0\0\0\0\0\0\0\0\0\0\x80?\x02\xD7[=\r\0)4\x08\0\0\x80\0\0\x80?\xCA\x96\xDD\xAF\xAB\xFF\xFF>}\x99\xCC>1\x85\xA3>\x02\xD7[=\xD0Bs=\t\0\0\x80\0\0\x80?\xC9\x96\xDD\xAF\xAB\xFF\xFF>}\x99\xCC>1\x85\xA3>5MS=f\x8D\x87=\x03\0\0\0\0\0\xC0\x7F\0\0\x80\xFF\xAB\xFF\x7F?\0\0\0\x001\x85\xA3>5MS=f\x8D\x87=\x04\0\0\0\0\0\xC0\x7F\0\0\x80\xFF\n\xFF\x7F?\0\0\0\0\0\0\0\x005MS=\xFB\x84\x825\x05\0\0\0\0\0\xC0\x7F\0\0\x80\xFF\n\xFF\xFF>\xC7A\xCC>\x83\xF9\xA2>5MS=A\xCA/<\x06\0\0\0\0\0\xC0\x7F\0\0\x80\xFF\n\xFF\x7F?\0\0\0\0\x83\xF9\xA2>5MS=A\xCA/<\x07\0\0\0\0\0\0\0\xC9\x96\xDD\xAF\0\0\0\0\0\0\0\0\0\0\x80?5MS=\r\0)4\x08\0\0\x80\0\0\x80?\xC9\x96\xDD\xAF\xAB\xFF\xFF>}\x99\xCC>1\x85\xA3>5MS=f\x8D\x87=\t\0\0\x80\0\0\x80?\xCB\x96\xDD\xAF\xAB\xFF\xFF>}\x99\xCC>1\x85\xA3>GgJ=\xFF+\x94=\x03\0\0\0\0\0\xC0\x7F\0\0\x80\xFF\xAB\xFF\x7F?\0\0\0\x001\x85\xA3>GgJ=\xFF+\x94=\x04\0\0\0\0\0\xC0\x7F\0\0\x80\xFF\n\xFF\x7F?\0\0\0\0\0\0\0\0GgJ=\xA0\xAB\x8E5\x05\0\0\0\0\0\xC0\x7F\0\0\x80\xFF\n\xFF\xFF>\xC7A\xCC>\x83\xF9\xA2>GgJ=A\xCA/<\x06\0\0\0\0\0\xC0\x7F\0\0\x80\xFF\n\xFF\x7F?\0\0\0\0\x83\xF9\xA2>GgJ=A\xCA/<\x07\0\0\0\0\0\0\0\xCB\x96\xDD\xAF\0\0\0\0\0\0\0\0\0\0\x80?GgJ=\r\0)4\x08\0\0\x80\0\0\x80?\xCB\x96\xDD\xAF\xAB\xFF\xFF>}\x99\xCC>1\x85\xA3>GgJ=\xFF+\x94=\t\0\0\x80\0\0\x80?\xCA\x96\xDD\xAF\xAB\xFF\xFF>}\x99\xCC>1\x85\xA3>~\x18A=A\xCC\x9F=\x03\0\0\0\0\0\xC0\x7F\0\0\x80\xFF\xAB\xFF\x7F?\0\0\0\x001\x85\xA3>~\x18A=A\xCC\x9F=\x04\0\0\0\0\0\xC0\x7F\0\0\x80\xFF\n\xFF\x7F?\0\0\0\0\0\0\0\0~\x18A=b\xDD\x995\x05\0\0\0\0\0\xC0\x7F\0\0\x80\xFF\n\xFF\xFF>\xC7A\xCC>\x83\xF9\xA2>~\x18A=A\xCA/<\x06\0\0\0\0\0\xC0\x7F\0\0\x80\xFF\n\xFF\x7F?\0\0\0\0\x83\xF9\xA2>~\x18A=A\xCA/<\x07\0\0\0\0\0\0\0\xCA\x96\xDD\xAF\0\0\0\0\0\0\0\0\0\0\x80?~\x18A=\r\0)4\x08\0\0\x80\0\0\x80?\xCA\x96\xDD\xAF\xAB\xFF\xFF>}\x99\xCC>1\x85\xA3>~\x18A=A\xCC\x9F=\t\0\0\x80\0\0\x80?\xCC\x96\xDD\xAF\xAB\xFF\xFF>}\x99\xCC>1\x85\xA3>\xDFP7=3\xA2\xAA=\x03\0\0\0\0\0\xC0\x7F\0\0\x80\xFF\xAB\xFF\x7F?\0\0\0\x001\x85\xA3>\xDFP7=3\xA2\xAA=\x04\0\0\0\0\0\xC0\x7F\0\0\x80\xFF\n\xFF\x7F?\0\0\0\0\0\0\0\0\xDFP7=UL\xA45\x05\0\0\0\0\0\xC0\x7F\0\0\x80\xFF\n\xFF\xFF>\xC7A\xCC>\x83\xF9\xA2>\xDFP7=A\xCA/<\x06\0\0\0\0\0\xC0\x7F\0\0\x80\xFF\n\xFF\x7F?\0\0\0\0\x83\xF9\xA2>\xDFP7=A\xCA/<\x07\0\0\0\0\0\0\0\xCC\x96\xDD\xAF\0\0\0\0\0\0\0\0\0\0\x80?\xDFP7=\r\0)4\x08\0\0\x80\0\0\x80?\xCC\x96\xDD\xAF\xAB\xFF\xFF>}\x99\xCC>1\x85\xA3>\xDFP7=3\xA2\xAA=\t\0\0\x80\0\0\x80?\xCB\x96\xDD\xAF\xAB\xFF\xFF>}\x99\xCC>1\x85\xA3>\xEA\xFB,=6\xD2\xB4=\x03\0\0\0\0\0\xC0\x7F\0\0\x80\xFF\xAB\xFF\x7F?\0\0\0\x001\x85\xA3>\xEA\xFB,=6\xD2\xB4=\x04\0\0\0\0\0\xC0\x7F\0\0\x80\xFF\n\xFF\x7F?\0\0\0\0\0\0\0\0\xEA\xFB,=\x83\x1B\xAE5\x05\0\0\0\0\0\xC0\x7F\0\0\x80\xFF\n\xFF\xFF>\xC7A\xCC>\x83\xF9\xA2>\xEA\xFB,=A\xCA/<\x06\0\0\0\0\0\xC0\x7F\0\0\x80\xFF\n\xFF\x7F?\0\0\0\0\x83\xF9\xA2>\xEA\xFB,=A\xCA/<\x07\0\0\0\0\0\0\0\xCB\x96\xDD\xAF\0\0\0\0\0\0\0\0\0\0\x80?\xEA\xFB,=\r\0)4\x08\0\0\x80\0\0\x80?\xCB\x96\xDD\xAF\xAB\xFF\xFF>}\x99\xCC>1\x85\xA3>\xEA\xFB,=6\xD2\xB4=\t\0\0\x80\0\0\x80?\xCC\x96\xDD\xAF\xAB\xFF\xFF>}\x99\xCC>1\x85\xA3>\x85\xFE!=\xECv\xBE=\x03\0\0\0\0\0\xC0\x7F\0\0\x80\xFF\xAB\xFF\x7F?\0\0\0\x001\x85\xA3>\x85\xFE!=\xECv\xBE=\x04\0\0\0\0\0\xC0\x7F\0\0\x80\xFF\n\xFF\x7F?\0\0\0\0\0\0\0\0\x85\xFE!=\x90d\xB75\x05\0\0\0\0\0\xC0\x7F\0\0\x80\xFF\n\xFF\xFF>\xC7A\xCC>\x83\xF9\xA2>\x85\xFE!=A\xCA/<\x06\0\0\0\0\0\xC0\x7F\0\0\x80\xFF\n\xFF\x7F?\0\0\0\0\x83\xF9\xA2>\x85\xFE!=A\xCA/<\x07\0\0\0\0\0\0\0\xCC\x96\xDD\xAF\0\0\0\0\0\0\0\0\0\0\x80?\x85\xFE!=\r\0)4\x08\0\0\x80\0\0\x80?\xCC\x96\xDD\xAF\xAB\xFF\xFF>}\x99\xCC>1\x85\xA3>\x85\xFE!=\xECv\xBE=\t\0\0\x80\0\0\x80?\xCC\x96\xDD\xAF\xAB\xFF\xFF>}\x99\xCC>1\x85\xA3>z3\x16=\x87\xA4\xC7=\x03\0\0\0\0\0\xC0\x7F\0\0\x80\xFF\xAB\xFF\x7F?\0\0\0\x001\x85\xA3>z3\x16=\x87\xA4\xC7=\x04\0\0\0\0\0\xC0\x7F\0\0\x80\xFF\n\xFF\x7F?\0\0\0\0\0\0\0\0z3\x16=\xEE:\xC05\x05\0\0\0\0\0\xC0\x7F\0\0\x80\xFF\n\xFF\xFF>\xC7A\xCC>\x83\xF9\xA2>z3\x16=A\xCA/<\x06\0\0\0\0\0\xC0\x7F\0\0\x80\xFF\n\xFF\x7F?\0\0\0\0\x83\xF9\xA2>z3\x16=A\xCA/<\x07\0\0\0\0\0\0\0\xCC\x96\xDD\xAF\0\0\0\0\0\0\0\0\0\0\x80?z3\x16=\r\0)4\x08\0\0\x80\0\0\x80?\xCC\x96\xDD\xAF\xAB\xFF\xFF>}\x99\xCC>1\x85\xA3>z3\x16=\x87\xA4\xC7=\t\0\0\x80\0\0\x80?\xCD\x96\xDD\xAF\xAB\xFF\xFF>}\x99\xCC>1\x85\xA3>\xB6d\t=\xC3j\xD0=\x03\0\0\0\0\0\xC0\x7F\0\0\x80\xFF\xAB\xFF\x7F?\0\0\0\x001\x85\xA3>\xB6d\t=\xC3j\xD0=\x04\0\0\0\0\0\xC0\x7F\0\0\x80\xFF\n\xFF\x7F?\0\0\0\0\0\0\0\0\xB6d\t=\xC4\xAD\xC85\x05\0\0\0\0\0\xC0\x7F\0\0\x80\xFF\n\xFF\xFF>\xC7A\xCC>\x83\xF9\xA2>\xB6d\t=A\xCA/<\x06\0\0\0\0\0\xC0\x7F\0\0\x80\xFF\n\xFF\x7F?\0\0\0\0\x83\xF9\xA2>\xB6d\t=A\xCA/<\x07\0\0\0\0\0\0\0\xCD\x96\xDD\xAF\0\0\0\0\0\0\0\0\0\0\x80?\xB6d\t=\r\0)4\x08\0\0\x80\0\0\x80?\xCD\x96\xDD\xAF\xAB\xFF\xFF>}\x99\xCC>1\x85\xA3>\xB6d\t=\xC3j\xD0=\t\0\0\x80\0\0\x80?\xCC\x96\xDD\xAF\xAB\xFF\xFF>}\x99\xCC>1\x85\xA3>ix\xF6<.\xD6\xD8=\x03\0\0\0\0\0\xC0\x7F\0\0\x80\xFF\xAB\xFF\x7F?\0\0\0\x001\x85\xA3>ix\xF6<.\xD6\xD8=\x04\0\0\0\0\0\xC0\x7F\0\0\x80\xFF\n\xFF\x7F?\0\0\0\0\0\0\0\0ix\xF6<'\xC9\xD05\x05\0\0\0\0\0\xC0\x7F\0\0\x80\xFF\n\xFF\xFF>\xC7A\xCC>\x83\xF9\xA2>ix\xF6<A\xCA/<\x06\0\0\0\0\0\xC0\x7F\0\0\x80\xFF\n\xFF\x7F?\0\0\0\0\x83\xF9\xA2>ix\xF6<A\xCA/<\x07\0\0\0\0\0\0\0\xCC\x96\xDD\xAF\0\0\0\0\0\0\0\0\0\0\x80?ix\xF6<\r\0)4\x08\0\0\x80\0\0\x80?\xCC\x96\xDD\xAF\xAB\xFF\xFF>}\x99\xCC>1\x85\xA3>ix\xF6<.\xD6\xD8=\t\0\0\x80\0\0\x80?\xCE\x96\xDD\xAF\xAB\xFF\xFF>}\x99\xCC>1\x85\xA3>\x1F3\xD6<\xF9\xF0\xE0=\x03\0\0\0\0\0\xC0\x7F\0\0\x80\xFF\xAB\xFF\x7F?\0\0\0\x001\x85\xA3>\x1F3\xD6<\xF9\xF0\xE0=\x04\0\0\0\0\0\xC0\x7F\0\0\x80\xFF\n\xFF\x7F?\0\0\0\0\0\0\0\0\x1F3\xD6<\xEA\x96\xD85\x05\0\0\0\0\0\xC0\x7F\0\0\x80\xFF\n\xFF\xFF>\xC7A\xCC>\x83\xF9\xA2>\x1F3\xD6<A\xCA/<\x06\0\0\0\0\0\xC0\x7F\0\0\x80\xFF\n\xFF\x7F?\0\0\0\0\x83\xF9\xA2>\x1F3\xD6<A\xCA/<\x07\0\0\0\0\0\0\0\xCE\x96\xDD\xAF\0\0\0\0\0\0\0\0\0\0\x80?\x1F3\xD6<\r\0)4\x08\0\0\x80\0\0\x80?\xCE\x96\xDD\xAF\xAB\xFF\xFF>}\x99\xCC>1\x85\xA3>\x1F3\xD6<\xF9\xF0\xE0=\t\0\0\x80\0\0\x80?\xCA\x96\xDD\xAF\xAB\xFF\xFF>}\x99\xCC>1\x85\xA3>\x83\xE7\xAE<\x91\xC3\xE8=\x03\0\0\0\0\0\xC0\x7F\0\0\x80\xFF\xAB\xFF\x7F?\0\0\0\x001\x85\xA3>\x83\xE7\xAE<\x91\xC3\xE8=\x04\0\0\0\0\0\xC0\x7F\0\0\x80\xFF\n\xFF\x7F?\0\0\0\0\0\0\0\0\x83\xE7\xAE<'\x1F\xE05\x05\0\0\0\0\0\xC0\x7F\0\0\x80\xFF\n\xFF\xFF>\xC7A\xCC>\x83\xF9\xA2>\x83\xE7\xAE<A\xCA/<\x06\0\0\0\0\0\xC0\x7F\0\0\x80\xFF\n\xFF\x7F?\0\0\0\0\x83\xF9\xA2>\x83\xE7\xAE<A\xCA/<\x07\0\0\0\0\0\0\0\xCA\x96\xDD\xAF\0\0\0\0\0\0\0\0\0\0\x80?\x83\xE7\xAE<\r\0)4\x08\0\0\x80\0\0\x80?\xCA\x96\xDD\xAF\xAB\xFF\xFF>}\x99\xCC>1\x85\xA3>\x83\xE7\xAE<\x91\xC3\xE8=\t\0\0\x80\0\0\0?\x9B \x1A>\xAB\xFF\xFF>}\x99\xCC>1\x85\xA3>]Ji<\x03U\xF0=\x0B\0\0\x80\0\0\0@\0\0\0\0\xAB\xFF\x7F?\0\0\0\x001\x85\xA3>\0\0\0\0\x03U\xF0=",
        optimizer: "sgd",
        names: &[
            "stem",
            "stem_batch_norm",
            "stem_relu",
            "blocks.*.dense_1",
            "blocks.*.batch_norm_1",
            "blocks.*.relu_1",
            "blocks.*.dense_2",
            "blocks.*.batch_norm_2",
            "blocks.*.residual_1",
            "blocks.*.relu_2",
            "blocks",
            "head",
        ],
        words: &[
            "dense",
            "batch_norm",
            "relu",
            "dense",
            "batch_norm",
            "relu",
            "dense",
            "batch_norm",
            "residual",
            "relu",
            "repeat",
            "dense",
        ],
    };
    const DECLARATION: ::network_core::Declaration = ::network_core::Declaration {
        source: "",
        places: &[],
    };
    const REMEDIES: &'static [::network_core::flow::Remedy] = &[
        ::network_core::flow::Remedy {
            change: ::network_core::flow::Change::Init,
            text: "`init = xavier_normal`",
            decades: ::core::option::Option::Some(-0.03152804433509661),
            deviation: ::core::option::Option::Some(0.06186865714218826),
            replacements: &[(0usize, 0usize, " init = xavier_normal;")],
        },
        ::network_core::flow::Remedy {
            change: ::network_core::flow::Change::Skip,
            text: "`residual(scale = 0.25)`",
            decades: ::core::option::Option::Some(-0.15051608356548088),
            deviation: ::core::option::Option::Some(0.06186866086351847),
            replacements: &[],
        },
        ::network_core::flow::Remedy {
            change: ::network_core::flow::Change::Activation,
            text: "`relu` with `init = he_normal`",
            decades: ::core::option::Option::Some(-0.15051608356548088),
            deviation: ::core::option::Option::Some(0.06186866086351847),
            replacements: &[],
        },
        ::network_core::flow::Remedy {
            change: ::network_core::flow::Change::Activation,
            text: "`selu` with `init = lecun_normal`",
            decades: ::core::option::Option::Some(0.21546180042180396),
            deviation: ::core::option::Option::Some(0.02590547362328568),
            replacements: &[],
        },
        ::network_core::flow::Remedy {
            change: ::network_core::flow::Change::Alive,
            text: "`leaky_relu(0.01)`",
            decades: ::core::option::Option::Some(-0.1505160835654811),
            deviation: ::core::option::Option::Some(0.06183710019725054),
            replacements: &[],
        },
    ];
    const CHUNK: usize = ::network_core::__private::chunk(
        <Deep as ::network_core::Layer>::INFER_SCRATCH,
        ::core::mem::size_of::<f32>(),
    );
    type Footprint = ::network_core::__private::Footprint<
        { ::core::mem::size_of::<Deep>() <= ::network_core::__private::STACK_LIMIT },
    >;
    type SampleScratch = [f32; <Deep as ::network_core::Layer>::INFER_SCRATCH];
    type ChunkScratch = [[f32; <Deep as ::network_core::Layer>::INFER_SCRATCH]; <Deep as ::network_core::Network>::CHUNK];
    type Scratch = [f32; <Deep as ::network_core::Layer>::SCRATCH];
}
