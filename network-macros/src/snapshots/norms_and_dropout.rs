// struct Normed(10) -> 3 {
//     dense(20, bias = false) -> batch_norm(momentum = 0.05, epsilon = 1e-3) -> relu -> dropout(0.2);
//     dense(20, init = orthogonal, bias_init = constant(0.1)) -> layer_norm -> prelu -> dropout(0.1);
//     dense(3) -> softmax;
// }

#[doc(hidden)]
#[allow(unused_imports)]
use ::network_core::bytemuck as __bytemuck_of_Normed;
/// A network from a vector of 10 to a vector of 3.
///
/// | field | layer | output | parameters |
/// |---|---|---|---|
/// | `dense_1` | `dense(20, bias = false)` | 20 | 200 |
/// | `batch_norm_1` | `batch_norm(momentum = 0.05, epsilon = 1e-3)` | 20 | 40 |
/// | `relu_1` | `relu` | 20 | 0 |
/// | `dropout_1` | `dropout(0.2)` | 20 | 0 |
/// | `dense_2` | `dense(20, init = orthogonal, bias_init = constant(0.1))` | 20 | 420 |
/// | `layer_norm_1` | `layer_norm` | 20 | 40 |
/// | `prelu_1` | `prelu` | 20 | 1 |
/// | `dropout_2` | `dropout(0.1)` | 20 | 0 |
/// | `dense_3` | `dense(3)` | 3 | 63 |
/// | `softmax_1` | `softmax` | 3 | 0 |
#[derive(__bytemuck_of_Normed::Zeroable)]
#[bytemuck(crate = "__bytemuck_of_Normed")]
#[repr(C)]
struct Normed {
    /// `dense(20, bias = false)`: 10 to 20.
    pub dense_1: ::network_core::layers::Dense<f32, 10, 20, 0>,
    /// `batch_norm(momentum = 0.05, epsilon = 1e-3)`: 20 to 20.
    pub batch_norm_1: ::network_core::layers::BatchNorm<f32, 20>,
    /// `relu`: 20 to 20.
    pub relu_1: ::network_core::layers::Elementwise<
        f32,
        20,
        ::network_core::layers::Relu,
    >,
    /// `dropout(0.2)`: 20 to 20.
    pub dropout_1: ::network_core::layers::Dropout<f32, 20>,
    /// `dense(20, init = orthogonal, bias_init = constant(0.1))`: 20 to 20.
    pub dense_2: ::network_core::layers::Dense<f32, 20, 20>,
    /// `layer_norm`: 20 to 20.
    pub layer_norm_1: ::network_core::layers::LayerNorm<f32, 20>,
    /// `prelu`: 20 to 20.
    pub prelu_1: ::network_core::layers::Prelu<f32, 20>,
    /// `dropout(0.1)`: 20 to 20.
    pub dropout_2: ::network_core::layers::Dropout<f32, 20>,
    /// `dense(3)`: 20 to 3.
    pub dense_3: ::network_core::layers::Dense<f32, 20, 3>,
    /// `softmax`: 3 to 3.
    pub softmax_1: ::network_core::layers::Softmax<f32, 3>,
}
/// dL/dparameters of [`Normed`].
#[derive(Debug)]
#[derive(__bytemuck_of_Normed::Pod)]
#[derive(__bytemuck_of_Normed::Zeroable)]
#[bytemuck(crate = "__bytemuck_of_Normed")]
#[repr(C)]
struct NormedGradient {
    /// dL/dparameters of `dense_1`.
    pub dense_1: <::network_core::layers::Dense<
        f32,
        10,
        20,
        0,
    > as ::network_core::Layer>::Gradient,
    /// dL/dparameters of `batch_norm_1`.
    pub batch_norm_1: <::network_core::layers::BatchNorm<
        f32,
        20,
    > as ::network_core::Layer>::Gradient,
    /// dL/dparameters of `dense_2`.
    pub dense_2: <::network_core::layers::Dense<
        f32,
        20,
        20,
    > as ::network_core::Layer>::Gradient,
    /// dL/dparameters of `layer_norm_1`.
    pub layer_norm_1: <::network_core::layers::LayerNorm<
        f32,
        20,
    > as ::network_core::Layer>::Gradient,
    /// dL/dparameters of `prelu_1`.
    pub prelu_1: <::network_core::layers::Prelu<
        f32,
        20,
    > as ::network_core::Layer>::Gradient,
    /// dL/dparameters of `dense_3`.
    pub dense_3: <::network_core::layers::Dense<
        f32,
        20,
        3,
    > as ::network_core::Layer>::Gradient,
}
#[automatically_derived]
impl ::core::clone::Clone for NormedGradient {
    fn clone(&self) -> Self {
        *self
    }
}
#[automatically_derived]
impl ::core::marker::Copy for NormedGradient {}
/// What the forward pass of [`Normed`] leaves for the backward pass.
#[allow(missing_debug_implementations, non_snake_case)]
#[derive(__bytemuck_of_Normed::Zeroable)]
#[bytemuck(crate = "__bytemuck_of_Normed")]
#[repr(C)]
struct NormedCache<const BATCH: usize> {
    dense_1_output: [::network_core::nalgebra::SVector<f32, 20>; BATCH],
    batch_norm_1_output: [::network_core::nalgebra::SVector<f32, 20>; BATCH],
    dropout_1_output: [::network_core::nalgebra::SVector<f32, 20>; BATCH],
    dense_2_output: [::network_core::nalgebra::SVector<f32, 20>; BATCH],
    layer_norm_1_output: [::network_core::nalgebra::SVector<f32, 20>; BATCH],
    prelu_1_output: [::network_core::nalgebra::SVector<f32, 20>; BATCH],
    dropout_2_output: [::network_core::nalgebra::SVector<f32, 20>; BATCH],
    dense_3_output: [::network_core::nalgebra::SVector<f32, 3>; BATCH],
    batch_norm_1_cache: <::network_core::layers::BatchNorm<
        f32,
        20,
    > as ::network_core::Layer>::Cache<BATCH>,
    dropout_1_cache: <::network_core::layers::Dropout<
        f32,
        20,
    > as ::network_core::Layer>::Cache<BATCH>,
    layer_norm_1_cache: <::network_core::layers::LayerNorm<
        f32,
        20,
    > as ::network_core::Layer>::Cache<BATCH>,
    dropout_2_cache: <::network_core::layers::Dropout<
        f32,
        20,
    > as ::network_core::Layer>::Cache<BATCH>,
}
#[allow(unused_variables, clippy::all, clippy::pedantic)]
impl ::network_core::Layer for Normed {
    type Scalar = f32;
    type Input = ::network_core::nalgebra::SVector<f32, 10>;
    type Output = ::network_core::nalgebra::SVector<f32, 3>;
    type Config = ();
    type Gradient = NormedGradient;
    type Cache<const BATCH: usize> = NormedCache<BATCH>;
    const MULTIPLY_ADDS: usize = 0
        + <::network_core::layers::Dense<
            f32,
            10,
            20,
            0,
        > as ::network_core::Layer>::MULTIPLY_ADDS
        + <::network_core::layers::BatchNorm<
            f32,
            20,
        > as ::network_core::Layer>::MULTIPLY_ADDS
        + <::network_core::layers::Elementwise<
            f32,
            20,
            ::network_core::layers::Relu,
        > as ::network_core::Layer>::MULTIPLY_ADDS
        + 2
            * <::network_core::layers::Dropout<
                f32,
                20,
            > as ::network_core::Layer>::MULTIPLY_ADDS
        + <::network_core::layers::Dense<
            f32,
            20,
            20,
        > as ::network_core::Layer>::MULTIPLY_ADDS
        + <::network_core::layers::LayerNorm<
            f32,
            20,
        > as ::network_core::Layer>::MULTIPLY_ADDS
        + <::network_core::layers::Prelu<
            f32,
            20,
        > as ::network_core::Layer>::MULTIPLY_ADDS
        + <::network_core::layers::Dense<
            f32,
            20,
            3,
        > as ::network_core::Layer>::MULTIPLY_ADDS
        + <::network_core::layers::Softmax<
            f32,
            3,
        > as ::network_core::Layer>::MULTIPLY_ADDS;
    const INPUT_MULTIPLY_ADDS: usize = 0
        + <::network_core::layers::Dense<
            f32,
            10,
            20,
            0,
        > as ::network_core::Layer>::INPUT_MULTIPLY_ADDS;
    const COUPLES_SAMPLES: bool = false
        || <::network_core::layers::Dense<
            f32,
            10,
            20,
            0,
        > as ::network_core::Layer>::COUPLES_SAMPLES
        || <::network_core::layers::BatchNorm<
            f32,
            20,
        > as ::network_core::Layer>::COUPLES_SAMPLES
        || <::network_core::layers::Elementwise<
            f32,
            20,
            ::network_core::layers::Relu,
        > as ::network_core::Layer>::COUPLES_SAMPLES
        || <::network_core::layers::Dropout<
            f32,
            20,
        > as ::network_core::Layer>::COUPLES_SAMPLES
        || <::network_core::layers::Dense<
            f32,
            20,
            20,
        > as ::network_core::Layer>::COUPLES_SAMPLES
        || <::network_core::layers::LayerNorm<
            f32,
            20,
        > as ::network_core::Layer>::COUPLES_SAMPLES
        || <::network_core::layers::Prelu<
            f32,
            20,
        > as ::network_core::Layer>::COUPLES_SAMPLES
        || <::network_core::layers::Dense<
            f32,
            20,
            3,
        > as ::network_core::Layer>::COUPLES_SAMPLES
        || <::network_core::layers::Softmax<
            f32,
            3,
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
                momentum: 0.05,
                epsilon: 0.001,
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
            &mut self.dropout_1,
            &::network_core::layers::DropoutConfig {
                rate: 0.2,
            },
            generator,
        );
        ::network_core::Layer::initialize(
            &mut self.dense_2,
            &::network_core::layers::DenseConfig {
                weight: ::network_core::init::Init::Orthogonal {
                    gain: 1.3719886811400708,
                },
                bias: ::network_core::init::Init::Constant(0.1),
            },
            generator,
        );
        ::network_core::Layer::initialize(
            &mut self.layer_norm_1,
            &::network_core::layers::LayerNormConfig {
                epsilon: 0.00001,
                scale: 1.0,
                shift: 0.0,
            },
            generator,
        );
        ::network_core::Layer::initialize(
            &mut self.prelu_1,
            &::network_core::layers::PreluConfig {
                slope: 0.25,
            },
            generator,
        );
        ::network_core::Layer::initialize(
            &mut self.dropout_2,
            &::network_core::layers::DropoutConfig {
                rate: 0.1,
            },
            generator,
        );
        ::network_core::Layer::initialize(
            &mut self.dense_3,
            &::network_core::layers::DenseConfig {
                weight: ::network_core::init::Init::XavierUniform {
                    gain: 1.0,
                },
                bias: ::network_core::init::Init::Zeros,
            },
            generator,
        );
        ::network_core::Layer::initialize(&mut self.softmax_1, &(), generator);
    }
    const INFER_SCRATCH: usize = 40;
    fn infer(
        &self,
        path: ::network_core::SimdPath,
        x: &[Self::Input],
        y: &mut [Self::Output],
        scratch: &mut [Self::Scalar],
    ) {
        let n = x.len();
        let (slot_1, scratch) = ::network_core::__private::slot::<f32, 20>(scratch, n);
        let (slot_2, scratch) = scratch.split_at_mut(n * 20);
        ::network_core::Layer::infer(&self.dense_1, path, x, &mut *slot_1, scratch);
        ::network_core::Layer::infer(
            &self.batch_norm_1,
            path,
            &*slot_1,
            ::network_core::__private::samples_mut::<f32, 20>(slot_2, n),
            scratch,
        );
        self.relu_1
            .forward_in_place(
                path,
                ::network_core::__private::samples_mut::<f32, 20>(slot_2, n),
            );
        ::network_core::Layer::infer(
            &self.dropout_1,
            path,
            ::network_core::__private::samples::<f32, 20>(slot_2, n),
            &mut *slot_1,
            scratch,
        );
        ::network_core::Layer::infer(
            &self.dense_2,
            path,
            &*slot_1,
            ::network_core::__private::samples_mut::<f32, 20>(slot_2, n),
            scratch,
        );
        ::network_core::Layer::infer(
            &self.layer_norm_1,
            path,
            ::network_core::__private::samples::<f32, 20>(slot_2, n),
            &mut *slot_1,
            scratch,
        );
        ::network_core::Layer::infer(
            &self.prelu_1,
            path,
            &*slot_1,
            ::network_core::__private::samples_mut::<f32, 20>(slot_2, n),
            scratch,
        );
        ::network_core::Layer::infer(
            &self.dropout_2,
            path,
            ::network_core::__private::samples::<f32, 20>(slot_2, n),
            &mut *slot_1,
            scratch,
        );
        ::network_core::Layer::infer(
            &self.dense_3,
            path,
            &*slot_1,
            ::network_core::__private::samples_mut::<f32, 3>(slot_2, n),
            scratch,
        );
        ::network_core::Layer::infer(
            &self.softmax_1,
            path,
            ::network_core::__private::samples::<f32, 3>(slot_2, n),
            &mut *y,
            scratch,
        );
    }
    fn forward<const BATCH: usize>(
        &self,
        pass: &mut ::network_core::Pass<'_>,
        x: &[Self::Input],
        y: &mut [Self::Output],
        cache: &mut NormedCache<BATCH>,
        scratch: &mut [Self::Scalar],
    ) {
        let n = x.len();
        ::network_core::__private::forward::<
            BATCH,
            _,
        >(
            ("dense_1", "dense(20, bias = false)"),
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
            ("batch_norm_1", "batch_norm(momentum = 0.05, epsilon = 1e-3)"),
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
            ("dropout_1", "dropout(0.2)"),
            &self.dropout_1,
            pass,
            ::network_core::__private::first(&cache.batch_norm_1_output, n),
            ::network_core::__private::first_mut(&mut cache.dropout_1_output, n),
            &mut cache.dropout_1_cache,
            scratch,
        );
        ::network_core::__private::forward::<
            BATCH,
            _,
        >(
            ("dense_2", "dense(20, init = orthogonal, bias_init = constant(0.1))"),
            &self.dense_2,
            pass,
            ::network_core::__private::first(&cache.dropout_1_output, n),
            ::network_core::__private::first_mut(&mut cache.dense_2_output, n),
            &mut (),
            scratch,
        );
        ::network_core::__private::forward::<
            BATCH,
            _,
        >(
            ("layer_norm_1", "layer_norm"),
            &self.layer_norm_1,
            pass,
            ::network_core::__private::first(&cache.dense_2_output, n),
            ::network_core::__private::first_mut(&mut cache.layer_norm_1_output, n),
            &mut cache.layer_norm_1_cache,
            scratch,
        );
        ::network_core::__private::forward::<
            BATCH,
            _,
        >(
            ("prelu_1", "prelu"),
            &self.prelu_1,
            pass,
            ::network_core::__private::first(&cache.layer_norm_1_output, n),
            ::network_core::__private::first_mut(&mut cache.prelu_1_output, n),
            &mut (),
            scratch,
        );
        ::network_core::__private::forward::<
            BATCH,
            _,
        >(
            ("dropout_2", "dropout(0.1)"),
            &self.dropout_2,
            pass,
            ::network_core::__private::first(&cache.prelu_1_output, n),
            ::network_core::__private::first_mut(&mut cache.dropout_2_output, n),
            &mut cache.dropout_2_cache,
            scratch,
        );
        ::network_core::__private::forward::<
            BATCH,
            _,
        >(
            ("dense_3", "dense(3)"),
            &self.dense_3,
            pass,
            ::network_core::__private::first(&cache.dropout_2_output, n),
            ::network_core::__private::first_mut(&mut cache.dense_3_output, n),
            &mut (),
            scratch,
        );
        ::network_core::__private::forward::<
            BATCH,
            _,
        >(
            ("softmax_1", "softmax"),
            &self.softmax_1,
            pass,
            ::network_core::__private::first(&cache.dense_3_output, n),
            &mut *y,
            &mut (),
            scratch,
        );
    }
    const SCRATCH: usize = 40;
    fn backward<const BATCH: usize>(
        &self,
        pass: &mut ::network_core::Pass<'_>,
        x: &[Self::Input],
        y: &[Self::Output],
        d_y: &[Self::Output],
        mut d_x: ::core::option::Option<&mut [Self::Input]>,
        cache: &mut NormedCache<BATCH>,
        gradient: &mut NormedGradient,
        scratch: &mut [Self::Scalar],
    ) {
        let n = x.len();
        let (slot_1, scratch) = scratch.split_at_mut(n * 20);
        let (slot_2, scratch) = ::network_core::__private::slot::<f32, 20>(scratch, n);
        ::network_core::__private::backward::<
            BATCH,
            _,
        >(
            ("softmax_1", "softmax"),
            &self.softmax_1,
            pass,
            ::network_core::__private::first(&cache.dense_3_output, n),
            &*y,
            d_y,
            ::core::option::Option::Some(
                ::network_core::__private::samples_mut::<f32, 3>(slot_1, n),
            ),
            &mut (),
            &mut (),
            scratch,
        );
        ::network_core::__private::backward::<
            BATCH,
            _,
        >(
            ("dense_3", "dense(3)"),
            &self.dense_3,
            pass,
            ::network_core::__private::first(&cache.dropout_2_output, n),
            ::network_core::__private::first(&cache.dense_3_output, n),
            ::network_core::__private::samples::<f32, 3>(slot_1, n),
            ::core::option::Option::Some(&mut *slot_2),
            &mut (),
            &mut gradient.dense_3,
            scratch,
        );
        ::network_core::__private::backward::<
            BATCH,
            _,
        >(
            ("dropout_2", "dropout(0.1)"),
            &self.dropout_2,
            pass,
            ::network_core::__private::first(&cache.prelu_1_output, n),
            ::network_core::__private::first(&cache.dropout_2_output, n),
            &*slot_2,
            ::core::option::Option::Some(
                ::network_core::__private::samples_mut::<f32, 20>(slot_1, n),
            ),
            &mut cache.dropout_2_cache,
            &mut (),
            scratch,
        );
        ::network_core::__private::backward::<
            BATCH,
            _,
        >(
            ("prelu_1", "prelu"),
            &self.prelu_1,
            pass,
            ::network_core::__private::first(&cache.layer_norm_1_output, n),
            ::network_core::__private::first(&cache.prelu_1_output, n),
            ::network_core::__private::samples::<f32, 20>(slot_1, n),
            ::core::option::Option::Some(&mut *slot_2),
            &mut (),
            &mut gradient.prelu_1,
            scratch,
        );
        ::network_core::__private::backward::<
            BATCH,
            _,
        >(
            ("layer_norm_1", "layer_norm"),
            &self.layer_norm_1,
            pass,
            ::network_core::__private::first(&cache.dense_2_output, n),
            ::network_core::__private::first(&cache.layer_norm_1_output, n),
            &*slot_2,
            ::core::option::Option::Some(
                ::network_core::__private::samples_mut::<f32, 20>(slot_1, n),
            ),
            &mut cache.layer_norm_1_cache,
            &mut gradient.layer_norm_1,
            scratch,
        );
        ::network_core::__private::backward::<
            BATCH,
            _,
        >(
            ("dense_2", "dense(20, init = orthogonal, bias_init = constant(0.1))"),
            &self.dense_2,
            pass,
            ::network_core::__private::first(&cache.dropout_1_output, n),
            ::network_core::__private::first(&cache.dense_2_output, n),
            ::network_core::__private::samples::<f32, 20>(slot_1, n),
            ::core::option::Option::Some(&mut *slot_2),
            &mut (),
            &mut gradient.dense_2,
            scratch,
        );
        ::network_core::__private::backward::<
            BATCH,
            _,
        >(
            ("dropout_1", "dropout(0.2)"),
            &self.dropout_1,
            pass,
            ::network_core::__private::first(&cache.batch_norm_1_output, n),
            ::network_core::__private::first(&cache.dropout_1_output, n),
            &*slot_2,
            ::core::option::Option::Some(
                ::network_core::__private::samples_mut::<f32, 20>(slot_1, n),
            ),
            &mut cache.dropout_1_cache,
            &mut (),
            scratch,
        );
        ::network_core::__private::backward_in_place(
            ("relu_1", "relu"),
            &self.relu_1,
            pass,
            ::network_core::__private::first(&cache.batch_norm_1_output, n),
            ::network_core::__private::samples_mut::<f32, 20>(slot_1, n),
        );
        ::network_core::__private::backward::<
            BATCH,
            _,
        >(
            ("batch_norm_1", "batch_norm(momentum = 0.05, epsilon = 1e-3)"),
            &self.batch_norm_1,
            pass,
            ::network_core::__private::first(&cache.dense_1_output, n),
            ::network_core::__private::first(&cache.batch_norm_1_output, n),
            ::network_core::__private::samples::<f32, 20>(slot_1, n),
            ::core::option::Option::Some(&mut *slot_2),
            &mut cache.batch_norm_1_cache,
            &mut gradient.batch_norm_1,
            scratch,
        );
        ::network_core::__private::backward::<
            BATCH,
            _,
        >(
            ("dense_1", "dense(20, bias = false)"),
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
    }
    fn update_statistics<const BATCH: usize>(&mut self, cache: &NormedCache<BATCH>) {
        ::network_core::Layer::update_statistics::<
            BATCH,
        >(&mut self.batch_norm_1, &cache.batch_norm_1_cache);
        ::network_core::Layer::update_statistics::<
            BATCH,
        >(&mut self.layer_norm_1, &cache.layer_norm_1_cache);
    }
    fn visit(&self, visitor: &mut dyn ::network_core::Visitor<f32>) {
        ::network_core::__private::visit("dense_1", &self.dense_1, visitor);
        ::network_core::__private::visit("batch_norm_1", &self.batch_norm_1, visitor);
        ::network_core::__private::visit("dense_2", &self.dense_2, visitor);
        ::network_core::__private::visit("layer_norm_1", &self.layer_norm_1, visitor);
        ::network_core::__private::visit("prelu_1", &self.prelu_1, visitor);
        ::network_core::__private::visit("dense_3", &self.dense_3, visitor);
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
            "layer_norm_1",
            &mut self.layer_norm_1,
            visitor,
        );
        ::network_core::__private::visit_mut("prelu_1", &mut self.prelu_1, visitor);
        ::network_core::__private::visit_mut("dense_3", &mut self.dense_3, visitor);
    }
}
impl ::network_core::Network for Normed {
    const NAME: &'static str = "Normed";
    const LAYERS: &'static [::network_core::LayerInfo] = &[
        ::network_core::LayerInfo {
            name: "dense_1",
            layer: "dense(20, bias = false)",
            input: "10",
            output: "20",
            parameters: 200,
            times: 1,
        },
        ::network_core::LayerInfo {
            name: "batch_norm_1",
            layer: "batch_norm(momentum = 0.05, epsilon = 1e-3)",
            input: "20",
            output: "20",
            parameters: 40,
            times: 1,
        },
        ::network_core::LayerInfo {
            name: "relu_1",
            layer: "relu",
            input: "20",
            output: "20",
            parameters: 0,
            times: 1,
        },
        ::network_core::LayerInfo {
            name: "dropout_1",
            layer: "dropout(0.2)",
            input: "20",
            output: "20",
            parameters: 0,
            times: 1,
        },
        ::network_core::LayerInfo {
            name: "dense_2",
            layer: "dense(20, init = orthogonal, bias_init = constant(0.1))",
            input: "20",
            output: "20",
            parameters: 420,
            times: 1,
        },
        ::network_core::LayerInfo {
            name: "layer_norm_1",
            layer: "layer_norm",
            input: "20",
            output: "20",
            parameters: 40,
            times: 1,
        },
        ::network_core::LayerInfo {
            name: "prelu_1",
            layer: "prelu",
            input: "20",
            output: "20",
            parameters: 1,
            times: 1,
        },
        ::network_core::LayerInfo {
            name: "dropout_2",
            layer: "dropout(0.1)",
            input: "20",
            output: "20",
            parameters: 0,
            times: 1,
        },
        ::network_core::LayerInfo {
            name: "dense_3",
            layer: "dense(3)",
            input: "20",
            output: "3",
            parameters: 63,
            times: 1,
        },
        ::network_core::LayerInfo {
            name: "softmax_1",
            layer: "softmax",
            input: "3",
            output: "3",
            parameters: 0,
            times: 1,
        },
    ];
    const FLOW: ::network_core::flow::Prediction = ::network_core::flow::Prediction {
        decades: ::core::option::Option::Some(-0.1466614008317459),
        deviation: ::core::option::Option::Some(0.0575226844128052),
        unknown: ::core::option::Option::None,
        findings: &[
            ::network_core::flow::Finding {
                kind: "softmax before the loss",
                severity: ::network_core::flow::Severity::Note,
                layer: "softmax_1",
                text: "softmax before the loss: `CrossEntropy` applies it itself\nhelp: leave it out",
            },
        ],
        records: b"\0\0\0\x80\0\0\0@h.\x16\xBE\0\0\0@\0\0\0\0\0\0\0\0\xE8\x9Ck=\xCD\xA1\x8C<\x01\0\0\x80@\xDF\xFF>\xDE\xD4\x81;@\xDF\x7F?\0\0\0\0\0\0\0\0\xE8\x9Ck=l\xEF\x0F7\x02\0\0\x80\0\0\0?A/\x1E>@\xDF\xFF>\x185\xCC>\x83\xF9\xA2>\xA9\x94a=>;\x9D<\x03\0\0\x80\0\0\xA0?\"\"\xD9=\x88\xEB\x1F?\x185\xCC>6a\x82>\xA9\x94a=>;\x9D<\x04\0\0\x80\xF1\xF0\xF0?4R\0\xBD\x01\xCB\x97?\0\0\0\0\x07\x99\x85>\xA9\x94a=\xD2\xE7\x9B<\x05\0\0\x80\x03\xDFW?4\x97\xBA;s\xFF\x7F?\0\0\0\0\x07\x99\x85>\xA9\x94a=\xF3P,4\x06\0\0\x80\0\0\x08?Xz\x12>\xB5\xFF\x07?u1\x99>\xF8w\xBB>\xFFtA=\xA6m6=\x07\0\0\x80\xE48\x8E?\xA2\x19\xF6=\x1E\x1C\x17?u1\x99>\xC5\xB8\xA8>\xFFtA=\xA6m6=\x08\0\0\x80\xD3\x9B\xDE?\0\0\0\0]f\x83?\0\0\0\0\xC5\xB8\xA8>\0\0\0\0\xA6m6=",
        optimizer: "sgd",
        names: &[
            "dense_1",
            "batch_norm_1",
            "relu_1",
            "dropout_1",
            "dense_2",
            "layer_norm_1",
            "prelu_1",
            "dropout_2",
            "dense_3",
            "softmax_1",
        ],
        words: &[
            "dense",
            "batch_norm",
            "relu",
            "dropout",
            "dense",
            "layer_norm",
            "prelu",
            "dropout",
            "dense",
            "softmax",
        ],
    };
    const DECLARATION: ::network_core::Declaration = ::network_core::Declaration {
        source: "",
        places: &[],
    };
    const REMEDIES: &'static [::network_core::flow::Remedy] = &[
        ::network_core::flow::Remedy {
            change: ::network_core::flow::Change::Skip,
            text: "`residual { dense(20, init = orthogonal, bias_init = constant(0.1)) -> .. -> dropout(0.1) }`",
            decades: ::core::option::Option::Some(0.011040706750404401),
            deviation: ::core::option::Option::Some(0.056624593636630874),
            replacements: &[],
        },
        ::network_core::flow::Remedy {
            change: ::network_core::flow::Change::Init,
            text: "`init = xavier_normal`",
            decades: ::core::option::Option::Some(0.09028451595364691),
            deviation: ::core::option::Option::Some(0.06794497945768845),
            replacements: &[(0usize, 0usize, " init = xavier_normal;")],
        },
        ::network_core::flow::Remedy {
            change: ::network_core::flow::Change::Activation,
            text: "`selu` with `init = lecun_normal`",
            decades: ::core::option::Option::Some(0.05116039127159318),
            deviation: ::core::option::Option::Some(0.06259467028780842),
            replacements: &[],
        },
        ::network_core::flow::Remedy {
            change: ::network_core::flow::Change::Activation,
            text: "`tanh` with `init = xavier_normal`",
            decades: ::core::option::Option::Some(0.09565726206819326),
            deviation: ::core::option::Option::Some(0.061101624674042024),
            replacements: &[],
        },
        ::network_core::flow::Remedy {
            change: ::network_core::flow::Change::Alive,
            text: "`leaky_relu(0.01)`",
            decades: ::core::option::Option::Some(-0.15980397328094734),
            deviation: ::core::option::Option::Some(0.05898553278218531),
            replacements: &[],
        },
    ];
    const CHUNK: usize = ::network_core::__private::chunk(
        <Normed as ::network_core::Layer>::INFER_SCRATCH,
        ::core::mem::size_of::<f32>(),
    );
    type Footprint = ::network_core::__private::Footprint<
        { ::core::mem::size_of::<Normed>() <= ::network_core::__private::STACK_LIMIT },
    >;
    type SampleScratch = [f32; <Normed as ::network_core::Layer>::INFER_SCRATCH];
    type ChunkScratch = [[f32; <Normed as ::network_core::Layer>::INFER_SCRATCH]; <Normed as ::network_core::Network>::CHUNK];
    type Scratch = [f32; <Normed as ::network_core::Layer>::SCRATCH];
}
