// /// Reads a digit.
// #[derive(Clone, Debug)]
// pub struct Plain(64) -> 10 {
//     hidden: dense(32) -> relu;
//     dense(16) -> tanh;
//     head: dense(10);
// }

#[doc(hidden)]
#[allow(unused_imports)]
use ::network_core::bytemuck as __bytemuck_of_Plain;
/// Reads a digit.
#[derive(Clone, Debug)]
///
/// A network from a vector of 64 to a vector of 10.
///
/// | field | layer | output | parameters |
/// |---|---|---|---|
/// | `hidden` | `dense(32)` | 32 | 2080 |
/// | `hidden_relu` | `relu` | 32 | 0 |
/// | `dense_1` | `dense(16)` | 16 | 528 |
/// | `tanh_1` | `tanh` | 16 | 0 |
/// | `head` | `dense(10)` | 10 | 170 |
#[derive(__bytemuck_of_Plain::Zeroable)]
#[bytemuck(crate = "__bytemuck_of_Plain")]
#[repr(C)]
pub struct Plain {
    /// `dense(32)`: 64 to 32.
    pub hidden: ::network_core::layers::Dense<f32, 64, 32>,
    /// `relu`: 32 to 32.
    pub hidden_relu: ::network_core::layers::Elementwise<
        f32,
        32,
        ::network_core::layers::Relu,
    >,
    /// `dense(16)`: 32 to 16.
    pub dense_1: ::network_core::layers::Dense<f32, 32, 16>,
    /// `tanh`: 16 to 16.
    pub tanh_1: ::network_core::layers::Elementwise<
        f32,
        16,
        ::network_core::layers::Tanh,
    >,
    /// `dense(10)`: 16 to 10.
    pub head: ::network_core::layers::Dense<f32, 16, 10>,
}
/// dL/dparameters of [`Plain`].
#[derive(Debug)]
#[derive(__bytemuck_of_Plain::Pod)]
#[derive(__bytemuck_of_Plain::Zeroable)]
#[bytemuck(crate = "__bytemuck_of_Plain")]
#[repr(C)]
pub struct PlainGradient {
    /// dL/dparameters of `hidden`.
    pub hidden: <::network_core::layers::Dense<
        f32,
        64,
        32,
    > as ::network_core::Layer>::Gradient,
    /// dL/dparameters of `dense_1`.
    pub dense_1: <::network_core::layers::Dense<
        f32,
        32,
        16,
    > as ::network_core::Layer>::Gradient,
    /// dL/dparameters of `head`.
    pub head: <::network_core::layers::Dense<
        f32,
        16,
        10,
    > as ::network_core::Layer>::Gradient,
}
#[automatically_derived]
impl ::core::clone::Clone for PlainGradient {
    fn clone(&self) -> Self {
        *self
    }
}
#[automatically_derived]
impl ::core::marker::Copy for PlainGradient {}
/// What the forward pass of [`Plain`] leaves for the backward pass.
#[allow(missing_debug_implementations, non_snake_case)]
#[derive(__bytemuck_of_Plain::Zeroable)]
#[bytemuck(crate = "__bytemuck_of_Plain")]
#[repr(C)]
pub struct PlainCache<const BATCH: usize> {
    hidden_output: [::network_core::nalgebra::SVector<f32, 32>; BATCH],
    dense_1_output: [::network_core::nalgebra::SVector<f32, 16>; BATCH],
}
#[allow(unused_variables, clippy::all, clippy::pedantic)]
impl ::network_core::Layer for Plain {
    type Scalar = f32;
    type Input = ::network_core::nalgebra::SVector<f32, 64>;
    type Output = ::network_core::nalgebra::SVector<f32, 10>;
    type Config = ();
    type Gradient = PlainGradient;
    type Cache<const BATCH: usize> = PlainCache<BATCH>;
    const MULTIPLY_ADDS: usize = 0
        + <::network_core::layers::Dense<
            f32,
            64,
            32,
        > as ::network_core::Layer>::MULTIPLY_ADDS
        + <::network_core::layers::Elementwise<
            f32,
            32,
            ::network_core::layers::Relu,
        > as ::network_core::Layer>::MULTIPLY_ADDS
        + <::network_core::layers::Dense<
            f32,
            32,
            16,
        > as ::network_core::Layer>::MULTIPLY_ADDS
        + <::network_core::layers::Elementwise<
            f32,
            16,
            ::network_core::layers::Tanh,
        > as ::network_core::Layer>::MULTIPLY_ADDS
        + <::network_core::layers::Dense<
            f32,
            16,
            10,
        > as ::network_core::Layer>::MULTIPLY_ADDS;
    const INPUT_MULTIPLY_ADDS: usize = 0
        + <::network_core::layers::Dense<
            f32,
            64,
            32,
        > as ::network_core::Layer>::INPUT_MULTIPLY_ADDS;
    const COUPLES_SAMPLES: bool = false
        || <::network_core::layers::Dense<
            f32,
            64,
            32,
        > as ::network_core::Layer>::COUPLES_SAMPLES
        || <::network_core::layers::Elementwise<
            f32,
            32,
            ::network_core::layers::Relu,
        > as ::network_core::Layer>::COUPLES_SAMPLES
        || <::network_core::layers::Dense<
            f32,
            32,
            16,
        > as ::network_core::Layer>::COUPLES_SAMPLES
        || <::network_core::layers::Elementwise<
            f32,
            16,
            ::network_core::layers::Tanh,
        > as ::network_core::Layer>::COUPLES_SAMPLES
        || <::network_core::layers::Dense<
            f32,
            16,
            10,
        > as ::network_core::Layer>::COUPLES_SAMPLES;
    fn initialize(&mut self, (): &(), generator: &mut ::network_core::Generator) {
        ::network_core::Layer::initialize(
            &mut self.hidden,
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
            &mut self.hidden_relu,
            &::network_core::layers::Relu,
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
        ::network_core::Layer::initialize(
            &mut self.tanh_1,
            &::network_core::layers::Tanh,
            generator,
        );
        ::network_core::Layer::initialize(
            &mut self.head,
            &::network_core::layers::DenseConfig {
                weight: ::network_core::init::Init::XavierUniform {
                    gain: 1.0,
                },
                bias: ::network_core::init::Init::Zeros,
            },
            generator,
        );
    }
    const INFER_SCRATCH: usize = 48;
    fn infer(
        &self,
        path: ::network_core::SimdPath,
        x: &[Self::Input],
        y: &mut [Self::Output],
        scratch: &mut [Self::Scalar],
    ) {
        let n = x.len();
        let (slot_1, scratch) = ::network_core::__private::slot::<f32, 32>(scratch, n);
        let (slot_2, scratch) = ::network_core::__private::slot::<f32, 16>(scratch, n);
        ::network_core::Layer::infer(&self.hidden, path, x, &mut *slot_1, scratch);
        self.hidden_relu.forward_in_place(path, &mut *slot_1);
        ::network_core::Layer::infer(
            &self.dense_1,
            path,
            &*slot_1,
            &mut *slot_2,
            scratch,
        );
        self.tanh_1.forward_in_place(path, &mut *slot_2);
        ::network_core::Layer::infer(&self.head, path, &*slot_2, &mut *y, scratch);
    }
    fn forward<const BATCH: usize>(
        &self,
        pass: &mut ::network_core::Pass<'_>,
        x: &[Self::Input],
        y: &mut [Self::Output],
        cache: &mut PlainCache<BATCH>,
        scratch: &mut [Self::Scalar],
    ) {
        let n = x.len();
        ::network_core::__private::forward::<
            BATCH,
            _,
        >(
            ("hidden", "dense(32)"),
            &self.hidden,
            pass,
            x,
            ::network_core::__private::first_mut(&mut cache.hidden_output, n),
            &mut (),
            scratch,
        );
        ::network_core::__private::forward_in_place(
            ("hidden_relu", "relu"),
            &self.hidden_relu,
            pass,
            ::network_core::__private::first_mut(&mut cache.hidden_output, n),
        );
        ::network_core::__private::forward::<
            BATCH,
            _,
        >(
            ("dense_1", "dense(16)"),
            &self.dense_1,
            pass,
            ::network_core::__private::first(&cache.hidden_output, n),
            ::network_core::__private::first_mut(&mut cache.dense_1_output, n),
            &mut (),
            scratch,
        );
        ::network_core::__private::forward_in_place(
            ("tanh_1", "tanh"),
            &self.tanh_1,
            pass,
            ::network_core::__private::first_mut(&mut cache.dense_1_output, n),
        );
        ::network_core::__private::forward::<
            BATCH,
            _,
        >(
            ("head", "dense(10)"),
            &self.head,
            pass,
            ::network_core::__private::first(&cache.dense_1_output, n),
            &mut *y,
            &mut (),
            scratch,
        );
    }
    const SCRATCH: usize = 48;
    fn backward<const BATCH: usize>(
        &self,
        pass: &mut ::network_core::Pass<'_>,
        x: &[Self::Input],
        y: &[Self::Output],
        d_y: &[Self::Output],
        mut d_x: ::core::option::Option<&mut [Self::Input]>,
        cache: &mut PlainCache<BATCH>,
        gradient: &mut PlainGradient,
        scratch: &mut [Self::Scalar],
    ) {
        let n = x.len();
        let (slot_1, scratch) = ::network_core::__private::slot::<f32, 16>(scratch, n);
        let (slot_2, scratch) = ::network_core::__private::slot::<f32, 32>(scratch, n);
        ::network_core::__private::backward::<
            BATCH,
            _,
        >(
            ("head", "dense(10)"),
            &self.head,
            pass,
            ::network_core::__private::first(&cache.dense_1_output, n),
            &*y,
            d_y,
            ::core::option::Option::Some(&mut *slot_1),
            &mut (),
            &mut gradient.head,
            scratch,
        );
        ::network_core::__private::backward_in_place(
            ("tanh_1", "tanh"),
            &self.tanh_1,
            pass,
            ::network_core::__private::first(&cache.dense_1_output, n),
            &mut *slot_1,
        );
        ::network_core::__private::backward::<
            BATCH,
            _,
        >(
            ("dense_1", "dense(16)"),
            &self.dense_1,
            pass,
            ::network_core::__private::first(&cache.hidden_output, n),
            ::network_core::__private::first(&cache.dense_1_output, n),
            &*slot_1,
            ::core::option::Option::Some(&mut *slot_2),
            &mut (),
            &mut gradient.dense_1,
            scratch,
        );
        ::network_core::__private::backward_in_place(
            ("hidden_relu", "relu"),
            &self.hidden_relu,
            pass,
            ::network_core::__private::first(&cache.hidden_output, n),
            &mut *slot_2,
        );
        ::network_core::__private::backward::<
            BATCH,
            _,
        >(
            ("hidden", "dense(32)"),
            &self.hidden,
            pass,
            x,
            ::network_core::__private::first(&cache.hidden_output, n),
            &*slot_2,
            d_x.as_deref_mut(),
            &mut (),
            &mut gradient.hidden,
            scratch,
        );
    }
    fn visit(&self, visitor: &mut dyn ::network_core::Visitor<f32>) {
        ::network_core::__private::visit("hidden", &self.hidden, visitor);
        ::network_core::__private::visit("dense_1", &self.dense_1, visitor);
        ::network_core::__private::visit("head", &self.head, visitor);
    }
    fn visit_mut(&mut self, visitor: &mut dyn ::network_core::VisitorMut<f32>) {
        ::network_core::__private::visit_mut("hidden", &mut self.hidden, visitor);
        ::network_core::__private::visit_mut("dense_1", &mut self.dense_1, visitor);
        ::network_core::__private::visit_mut("head", &mut self.head, visitor);
    }
}
impl ::network_core::Network for Plain {
    const NAME: &'static str = "Plain";
    const LAYERS: &'static [::network_core::LayerInfo] = &[
        ::network_core::LayerInfo {
            name: "hidden",
            layer: "dense(32)",
            input: "64",
            output: "32",
            parameters: 2080,
            times: 1,
        },
        ::network_core::LayerInfo {
            name: "hidden_relu",
            layer: "relu",
            input: "32",
            output: "32",
            parameters: 0,
            times: 1,
        },
        ::network_core::LayerInfo {
            name: "dense_1",
            layer: "dense(16)",
            input: "32",
            output: "16",
            parameters: 528,
            times: 1,
        },
        ::network_core::LayerInfo {
            name: "tanh_1",
            layer: "tanh",
            input: "16",
            output: "16",
            parameters: 0,
            times: 1,
        },
        ::network_core::LayerInfo {
            name: "head",
            layer: "dense(10)",
            input: "16",
            output: "10",
            parameters: 170,
            times: 1,
        },
    ];
    const FLOW: ::network_core::flow::Prediction = ::network_core::flow::Prediction {
        decades: ::core::option::Option::Some(-0.23422206064125317),
        deviation: ::core::option::Option::Some(0.04971403213222306),
        unknown: ::core::option::Option::None,
        findings: &[
            ::network_core::flow::Finding {
                kind: "init does not fit",
                severity: ::network_core::flow::Severity::Note,
                layer: "dense_1",
                text: "init does not fit: the weights of `dense_1` are too small for the activation before it\nthis `dense` multiplies the gradient's squared norm by about 0.67\nhelp: `init = he_normal`, or `relu` with `init = he_normal`, or `selu` with `init = lecun_normal`",
            },
        ],
        records: b"\0\0\0\x80\0\0\0@\xE8\xD7o\xBE\0\0\0@\0\0\0\0\0\0\0\0\xF1\xA0K=\xD9[\xDE;\x01\0\0\x80\0\0\0?\x9Cn\xAB\xBD\0\0\x80?\xBBn\x10?\x83\xF9\xA2>\xE0\xBEE=\x98*\x88<\x02\0\0\x80\xAB\xAA\xAA?F\xAF\x15\xBE\xAB\xAA\xAA?\0\0\0\0\x83\xF9\xA2>Tw+=\x98*\x88<\x03\0\0\x80\x962\xD4>\x86\xAE8=\x97\xC5\xE4>\x81\x08\x02\xA4m\xF0\x95>\x98n\xFD<\x14\x15\xA7<\x04\0\0\x80\xD9\x89\x9D?\0\0\0\0]\xC8\x0C?\0\0\0\0m\xF0\x95>\0\0\0\0\x14\x15\xA7<",
        optimizer: "sgd",
        names: &["hidden", "hidden_relu", "dense_1", "tanh_1", "head"],
        words: &["dense", "relu", "dense", "tanh", "dense"],
    };
    const DECLARATION: ::network_core::Declaration = ::network_core::Declaration {
        source: "",
        places: &[],
    };
    const REMEDIES: &'static [::network_core::flow::Remedy] = &[
        ::network_core::flow::Remedy {
            change: ::network_core::flow::Change::Init,
            text: "`init = he_normal(gain = 1.65)`",
            decades: ::core::option::Option::Some(-0.0038084366964369052),
            deviation: ::core::option::Option::Some(0.05749568934654555),
            replacements: &[(0usize, 0usize, " init = he_normal(gain = 1.65);")],
        },
        ::network_core::flow::Remedy {
            change: ::network_core::flow::Change::Norm,
            text: "`batch_norm -> relu`",
            decades: ::core::option::Option::Some(-0.18877566150736655),
            deviation: ::core::option::Option::Some(0.04588814828360693),
            replacements: &[],
        },
        ::network_core::flow::Remedy {
            change: ::network_core::flow::Change::Norm,
            text: "`layer_norm -> relu`",
            decades: ::core::option::Option::Some(-0.2719812266606312),
            deviation: ::core::option::Option::Some(0.05062558830523122),
            replacements: &[],
        },
        ::network_core::flow::Remedy {
            change: ::network_core::flow::Change::Activation,
            text: "`relu` with `init = he_normal`",
            decades: ::core::option::Option::Some(0.0),
            deviation: ::core::option::Option::Some(0.05097755890604438),
            replacements: &[],
        },
        ::network_core::flow::Remedy {
            change: ::network_core::flow::Change::Alive,
            text: "`leaky_relu(0.01)`",
            decades: ::core::option::Option::Some(-0.19342888490842453),
            deviation: ::core::option::Option::Some(0.0508471130058989),
            replacements: &[],
        },
    ];
    const CHUNK: usize = ::network_core::__private::chunk(
        <Plain as ::network_core::Layer>::INFER_SCRATCH,
        ::core::mem::size_of::<f32>(),
    );
    type Footprint = ::network_core::__private::Footprint<
        { ::core::mem::size_of::<Plain>() <= ::network_core::__private::STACK_LIMIT },
    >;
    type SampleScratch = [f32; <Plain as ::network_core::Layer>::INFER_SCRATCH];
    type ChunkScratch = [[f32; <Plain as ::network_core::Layer>::INFER_SCRATCH]; <Plain as ::network_core::Network>::CHUNK];
    type Scratch = [f32; <Plain as ::network_core::Layer>::SCRATCH];
}
