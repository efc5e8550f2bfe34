// struct Skips(8) -> 4 {
//     scalar = f64;
//     a: dense(6) -> gelu;
//     b: dense(6) -> sigmoid -> add(a);
//     c: concat(a, input) -> dense(6) -> add(b);
//     dense(4);
// }

#[doc(hidden)]
#[allow(unused_imports)]
use ::network_core::bytemuck as __bytemuck_of_Skips;
/// A network from a vector of 8 to a vector of 4.
///
/// | field | layer | output | parameters |
/// |---|---|---|---|
/// | `a` | `dense(6)` | 6 | 54 |
/// | `a_gelu` | `gelu` | 6 | 0 |
/// | `b` | `dense(6)` | 6 | 42 |
/// | `b_sigmoid` | `sigmoid` | 6 | 0 |
/// | `c_dense` | `dense(6)` | 6 | 126 |
/// | `dense_1` | `dense(4)` | 4 | 28 |
#[derive(__bytemuck_of_Skips::Zeroable)]
#[bytemuck(crate = "__bytemuck_of_Skips")]
#[repr(C)]
struct Skips {
    /// `dense(6)`: 8 to 6.
    pub a: ::network_core::layers::Dense<f64, 8, 6>,
    /// `gelu`: 6 to 6.
    pub a_gelu: ::network_core::layers::Elementwise<
        f64,
        6,
        ::network_core::layers::Gelu,
    >,
    /// `dense(6)`: 6 to 6.
    pub b: ::network_core::layers::Dense<f64, 6, 6>,
    /// `sigmoid`: 6 to 6.
    pub b_sigmoid: ::network_core::layers::Elementwise<
        f64,
        6,
        ::network_core::layers::Sigmoid,
    >,
    /// `dense(6)`: 20 to 6.
    pub c_dense: ::network_core::layers::Dense<f64, 20, 6>,
    /// `dense(4)`: 6 to 4.
    pub dense_1: ::network_core::layers::Dense<f64, 6, 4>,
}
/// dL/dparameters of [`Skips`].
#[derive(Debug)]
#[derive(__bytemuck_of_Skips::Pod)]
#[derive(__bytemuck_of_Skips::Zeroable)]
#[bytemuck(crate = "__bytemuck_of_Skips")]
#[repr(C)]
struct SkipsGradient {
    /// dL/dparameters of `a`.
    pub a: <::network_core::layers::Dense<f64, 8, 6> as ::network_core::Layer>::Gradient,
    /// dL/dparameters of `b`.
    pub b: <::network_core::layers::Dense<f64, 6, 6> as ::network_core::Layer>::Gradient,
    /// dL/dparameters of `c_dense`.
    pub c_dense: <::network_core::layers::Dense<
        f64,
        20,
        6,
    > as ::network_core::Layer>::Gradient,
    /// dL/dparameters of `dense_1`.
    pub dense_1: <::network_core::layers::Dense<
        f64,
        6,
        4,
    > as ::network_core::Layer>::Gradient,
}
#[automatically_derived]
impl ::core::clone::Clone for SkipsGradient {
    fn clone(&self) -> Self {
        *self
    }
}
#[automatically_derived]
impl ::core::marker::Copy for SkipsGradient {}
/// What the forward pass of [`Skips`] leaves for the backward pass.
#[allow(missing_debug_implementations, non_snake_case)]
#[derive(__bytemuck_of_Skips::Zeroable)]
#[bytemuck(crate = "__bytemuck_of_Skips")]
#[repr(C)]
struct SkipsCache<const BATCH: usize> {
    a_output: [::network_core::nalgebra::SVector<f64, 6>; BATCH],
    a_gelu_output: [::network_core::nalgebra::SVector<f64, 6>; BATCH],
    b_output: [::network_core::nalgebra::SVector<f64, 6>; BATCH],
    add_1_output: [::network_core::nalgebra::SVector<f64, 6>; BATCH],
    c_concat_output: [::network_core::nalgebra::SVector<f64, 20>; BATCH],
    c_dense_output: [::network_core::nalgebra::SVector<f64, 6>; BATCH],
}
#[allow(unused_variables, clippy::all, clippy::pedantic)]
impl ::network_core::Layer for Skips {
    type Scalar = f64;
    type Input = ::network_core::nalgebra::SVector<f64, 8>;
    type Output = ::network_core::nalgebra::SVector<f64, 4>;
    type Config = ();
    type Gradient = SkipsGradient;
    type Cache<const BATCH: usize> = SkipsCache<BATCH>;
    const MULTIPLY_ADDS: usize = 0
        + <::network_core::layers::Dense<
            f64,
            8,
            6,
        > as ::network_core::Layer>::MULTIPLY_ADDS
        + <::network_core::layers::Elementwise<
            f64,
            6,
            ::network_core::layers::Gelu,
        > as ::network_core::Layer>::MULTIPLY_ADDS
        + <::network_core::layers::Dense<
            f64,
            6,
            6,
        > as ::network_core::Layer>::MULTIPLY_ADDS
        + <::network_core::layers::Elementwise<
            f64,
            6,
            ::network_core::layers::Sigmoid,
        > as ::network_core::Layer>::MULTIPLY_ADDS
        + <::network_core::layers::Dense<
            f64,
            20,
            6,
        > as ::network_core::Layer>::MULTIPLY_ADDS
        + <::network_core::layers::Dense<
            f64,
            6,
            4,
        > as ::network_core::Layer>::MULTIPLY_ADDS;
    const INPUT_MULTIPLY_ADDS: usize = 0
        + <::network_core::layers::Dense<
            f64,
            8,
            6,
        > as ::network_core::Layer>::INPUT_MULTIPLY_ADDS;
    const COUPLES_SAMPLES: bool = false
        || <::network_core::layers::Dense<
            f64,
            8,
            6,
        > as ::network_core::Layer>::COUPLES_SAMPLES
        || <::network_core::layers::Elementwise<
            f64,
            6,
            ::network_core::layers::Gelu,
        > as ::network_core::Layer>::COUPLES_SAMPLES
        || <::network_core::layers::Dense<
            f64,
            6,
            6,
        > as ::network_core::Layer>::COUPLES_SAMPLES
        || <::network_core::layers::Elementwise<
            f64,
            6,
            ::network_core::layers::Sigmoid,
        > as ::network_core::Layer>::COUPLES_SAMPLES
        || <::network_core::layers::Dense<
            f64,
            20,
            6,
        > as ::network_core::Layer>::COUPLES_SAMPLES
        || <::network_core::layers::Dense<
            f64,
            6,
            4,
        > as ::network_core::Layer>::COUPLES_SAMPLES;
    fn initialize(&mut self, (): &(), generator: &mut ::network_core::Generator) {
        ::network_core::Layer::initialize(
            &mut self.a,
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
            &mut self.a_gelu,
            &::network_core::layers::Gelu,
            generator,
        );
        ::network_core::Layer::initialize(
            &mut self.b,
            &::network_core::layers::DenseConfig {
                weight: ::network_core::init::Init::XavierUniform {
                    gain: 1.0,
                },
                bias: ::network_core::init::Init::Zeros,
            },
            generator,
        );
        ::network_core::Layer::initialize(
            &mut self.b_sigmoid,
            &::network_core::layers::Sigmoid,
            generator,
        );
        ::network_core::Layer::initialize(
            &mut self.c_dense,
            &::network_core::layers::DenseConfig {
                weight: ::network_core::init::Init::XavierUniform {
                    gain: 1.0,
                },
                bias: ::network_core::init::Init::Zeros,
            },
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
    }
    const INFER_SCRATCH: usize = 32;
    fn infer(
        &self,
        path: ::network_core::SimdPath,
        x: &[Self::Input],
        y: &mut [Self::Output],
        scratch: &mut [Self::Scalar],
    ) {
        let n = x.len();
        let (slot_1, scratch) = ::network_core::__private::slot::<f64, 6>(scratch, n);
        let (slot_2, scratch) = ::network_core::__private::slot::<f64, 6>(scratch, n);
        let (slot_3, scratch) = ::network_core::__private::slot::<f64, 20>(scratch, n);
        ::network_core::Layer::infer(&self.a, path, x, &mut *slot_1, scratch);
        self.a_gelu.forward_in_place(path, &mut *slot_1);
        ::network_core::Layer::infer(&self.b, path, &*slot_1, &mut *slot_2, scratch);
        self.b_sigmoid.forward_in_place(path, &mut *slot_2);
        ::network_core::layers::residual::forward_in_place(
            path,
            1.0,
            &*slot_1,
            &mut *slot_2,
        );
        ::network_core::layers::concat::write(&*slot_2, 0, 1, &mut *slot_3);
        ::network_core::layers::concat::write(&*slot_1, 6, 1, &mut *slot_3);
        ::network_core::layers::concat::write(x, 12, 1, &mut *slot_3);
        ::network_core::Layer::infer(
            &self.c_dense,
            path,
            &*slot_3,
            &mut *slot_1,
            scratch,
        );
        ::network_core::layers::residual::forward_in_place(
            path,
            1.0,
            &*slot_2,
            &mut *slot_1,
        );
        ::network_core::Layer::infer(&self.dense_1, path, &*slot_1, &mut *y, scratch);
    }
    fn forward<const BATCH: usize>(
        &self,
        pass: &mut ::network_core::Pass<'_>,
        x: &[Self::Input],
        y: &mut [Self::Output],
        cache: &mut SkipsCache<BATCH>,
        scratch: &mut [Self::Scalar],
    ) {
        let n = x.len();
        ::network_core::__private::forward::<
            BATCH,
            _,
        >(
            ("a", "dense(6)"),
            &self.a,
            pass,
            x,
            ::network_core::__private::first_mut(&mut cache.a_output, n),
            &mut (),
            scratch,
        );
        ::network_core::__private::forward::<
            BATCH,
            _,
        >(
            ("a_gelu", "gelu"),
            &self.a_gelu,
            pass,
            ::network_core::__private::first(&cache.a_output, n),
            ::network_core::__private::first_mut(&mut cache.a_gelu_output, n),
            &mut (),
            scratch,
        );
        ::network_core::__private::forward::<
            BATCH,
            _,
        >(
            ("b", "dense(6)"),
            &self.b,
            pass,
            ::network_core::__private::first(&cache.a_gelu_output, n),
            ::network_core::__private::first_mut(&mut cache.b_output, n),
            &mut (),
            scratch,
        );
        ::network_core::__private::forward_in_place(
            ("b_sigmoid", "sigmoid"),
            &self.b_sigmoid,
            pass,
            ::network_core::__private::first_mut(&mut cache.b_output, n),
        );
        ::network_core::layers::residual::forward(
            pass.path,
            1.0,
            ::network_core::__private::first(&cache.a_gelu_output, n),
            ::network_core::__private::first(&cache.b_output, n),
            ::network_core::__private::first_mut(&mut cache.add_1_output, n),
        );
        ::network_core::__private::forward_done(
            ("add_1", "residual"),
            pass,
            ::network_core::__private::first(&cache.add_1_output, n),
        );
        ::network_core::layers::concat::write(
            ::network_core::__private::first(&cache.add_1_output, n),
            0,
            1,
            ::network_core::__private::first_mut(&mut cache.c_concat_output, n),
        );
        ::network_core::layers::concat::write(
            ::network_core::__private::first(&cache.a_gelu_output, n),
            6,
            1,
            ::network_core::__private::first_mut(&mut cache.c_concat_output, n),
        );
        ::network_core::layers::concat::write(
            x,
            12,
            1,
            ::network_core::__private::first_mut(&mut cache.c_concat_output, n),
        );
        ::network_core::__private::forward::<
            BATCH,
            _,
        >(
            ("c_dense", "dense(6)"),
            &self.c_dense,
            pass,
            ::network_core::__private::first(&cache.c_concat_output, n),
            ::network_core::__private::first_mut(&mut cache.c_dense_output, n),
            &mut (),
            scratch,
        );
        ::network_core::layers::residual::forward_in_place(
            pass.path,
            1.0,
            ::network_core::__private::first(&cache.add_1_output, n),
            ::network_core::__private::first_mut(&mut cache.c_dense_output, n),
        );
        ::network_core::__private::forward_done(
            ("add_2", "residual"),
            pass,
            ::network_core::__private::first(&cache.c_dense_output, n),
        );
        ::network_core::__private::forward::<
            BATCH,
            _,
        >(
            ("dense_1", "dense(4)"),
            &self.dense_1,
            pass,
            ::network_core::__private::first(&cache.c_dense_output, n),
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
        cache: &mut SkipsCache<BATCH>,
        gradient: &mut SkipsGradient,
        scratch: &mut [Self::Scalar],
    ) {
        let n = x.len();
        let (slot_1, scratch) = ::network_core::__private::slot::<f64, 6>(scratch, n);
        let (slot_2, scratch) = scratch.split_at_mut(n * 20);
        let (slot_3, scratch) = ::network_core::__private::slot::<f64, 6>(scratch, n);
        let (slot_4, scratch) = ::network_core::__private::slot::<f64, 8>(scratch, n);
        ::network_core::__private::backward::<
            BATCH,
            _,
        >(
            ("dense_1", "dense(4)"),
            &self.dense_1,
            pass,
            ::network_core::__private::first(&cache.c_dense_output, n),
            &*y,
            d_y,
            ::core::option::Option::Some(&mut *slot_1),
            &mut (),
            &mut gradient.dense_1,
            scratch,
        );
        ::network_core::__private::backward_begins(
            ("add_2", "residual"),
            pass,
            &*slot_1,
        );
        ::network_core::__private::backward::<
            BATCH,
            _,
        >(
            ("c_dense", "dense(6)"),
            &self.c_dense,
            pass,
            ::network_core::__private::first(&cache.c_concat_output, n),
            ::network_core::__private::first(&cache.c_dense_output, n),
            &*slot_1,
            ::core::option::Option::Some(
                ::network_core::__private::samples_mut::<f64, 20>(slot_2, n),
            ),
            &mut (),
            &mut gradient.c_dense,
            scratch,
        );
        ::network_core::layers::concat::read(
            ::network_core::__private::samples::<f64, 20>(slot_2, n),
            0,
            1,
            &mut *slot_3,
        );
        pass.skip("add_2", &*slot_1, &*slot_3);
        ::network_core::layers::residual::add(pass.path, &mut *slot_3, &*slot_1);
        ::network_core::layers::concat::read(
            ::network_core::__private::samples::<f64, 20>(slot_2, n),
            6,
            1,
            &mut *slot_1,
        );
        ::network_core::layers::concat::read(
            ::network_core::__private::samples::<f64, 20>(slot_2, n),
            12,
            1,
            &mut *slot_4,
        );
        ::network_core::__private::backward_begins(
            ("add_1", "residual"),
            pass,
            &*slot_3,
        );
        ::network_core::layers::residual::backward(
            pass.path,
            1.0,
            &*slot_3,
            ::network_core::__private::samples_mut::<f64, 6>(slot_2, n),
        );
        ::network_core::layers::residual::add(
            pass.path,
            ::network_core::__private::samples_mut::<f64, 6>(slot_2, n),
            &*slot_1,
        );
        ::network_core::__private::backward_in_place(
            ("b_sigmoid", "sigmoid"),
            &self.b_sigmoid,
            pass,
            ::network_core::__private::first(&cache.b_output, n),
            &mut *slot_3,
        );
        ::network_core::__private::backward::<
            BATCH,
            _,
        >(
            ("b", "dense(6)"),
            &self.b,
            pass,
            ::network_core::__private::first(&cache.a_gelu_output, n),
            ::network_core::__private::first(&cache.b_output, n),
            &*slot_3,
            ::core::option::Option::Some(&mut *slot_1),
            &mut (),
            &mut gradient.b,
            scratch,
        );
        pass.skip(
            "add_1",
            ::network_core::__private::samples::<f64, 6>(slot_2, n),
            &*slot_1,
        );
        ::network_core::layers::residual::add(
            pass.path,
            &mut *slot_1,
            ::network_core::__private::samples::<f64, 6>(slot_2, n),
        );
        ::network_core::__private::backward::<
            BATCH,
            _,
        >(
            ("a_gelu", "gelu"),
            &self.a_gelu,
            pass,
            ::network_core::__private::first(&cache.a_output, n),
            ::network_core::__private::first(&cache.a_gelu_output, n),
            &*slot_1,
            ::core::option::Option::Some(
                ::network_core::__private::samples_mut::<f64, 6>(slot_2, n),
            ),
            &mut (),
            &mut (),
            scratch,
        );
        ::network_core::__private::backward::<
            BATCH,
            _,
        >(
            ("a", "dense(6)"),
            &self.a,
            pass,
            x,
            ::network_core::__private::first(&cache.a_output, n),
            ::network_core::__private::samples::<f64, 6>(slot_2, n),
            d_x.as_deref_mut(),
            &mut (),
            &mut gradient.a,
            scratch,
        );
        if let ::core::option::Option::Some(d_x) = d_x.as_deref_mut() {
            ::network_core::layers::residual::add(pass.path, d_x, &*slot_4);
        }
    }
    fn visit(&self, visitor: &mut dyn ::network_core::Visitor<f64>) {
        ::network_core::__private::visit("a", &self.a, visitor);
        ::network_core::__private::visit("b", &self.b, visitor);
        ::network_core::__private::visit("c_dense", &self.c_dense, visitor);
        ::network_core::__private::visit("dense_1", &self.dense_1, visitor);
    }
    fn visit_mut(&mut self, visitor: &mut dyn ::network_core::VisitorMut<f64>) {
        ::network_core::__private::visit_mut("a", &mut self.a, visitor);
        ::network_core::__private::visit_mut("b", &mut self.b, visitor);
        ::network_core::__private::visit_mut("c_dense", &mut self.c_dense, visitor);
        ::network_core::__private::visit_mut("dense_1", &mut self.dense_1, visitor);
    }
}
impl ::network_core::Network for Skips {
    const NAME: &'static str = "Skips";
    const LAYERS: &'static [::network_core::LayerInfo] = &[
        ::network_core::LayerInfo {
            name: "a",
            layer: "dense(6)",
            input: "8",
            output: "6",
            parameters: 54,
            times: 1,
        },
        ::network_core::LayerInfo {
            name: "a_gelu",
            layer: "gelu",
            input: "6",
            output: "6",
            parameters: 0,
            times: 1,
        },
        ::network_core::LayerInfo {
            name: "b",
            layer: "dense(6)",
            input: "6",
            output: "6",
            parameters: 42,
            times: 1,
        },
        ::network_core::LayerInfo {
            name: "b_sigmoid",
            layer: "sigmoid",
            input: "6",
            output: "6",
            parameters: 0,
            times: 1,
        },
        ::network_core::LayerInfo {
            name: "c_dense",
            layer: "dense(6)",
            input: "20",
            output: "6",
            parameters: 126,
            times: 1,
        },
        ::network_core::LayerInfo {
            name: "dense_1",
            layer: "dense(4)",
            input: "6",
            output: "4",
            parameters: 28,
            times: 1,
        },
    ];
    const FLOW: ::network_core::flow::Prediction = ::network_core::flow::Prediction {
        decades: ::core::option::Option::Some(0.033881962913845334),
        deviation: ::core::option::Option::None,
        unknown: ::core::option::Option::None,
        findings: &[],
        records: b"\0\0\0\x80\0\0\x80?\xD9\xDCy>\0\0\x80?\0\0\0\0\0\0\0\0\0\0\xC0\x7F\0\0\xC0\x7F\x01\0\0\x80\0\0\0@\xD0\xC7\n=\0\0\0@\0\0\0\0\0\0\0\0\0\0\xC0\x7F\0\0\xC0\x7F\x02\0\0\x80O\xA1\xFA>M\x89A>\x9F\rl?z\xDB\xEB>_\xA9k>\0\0\xC0\x7F\0\0\xC0\x7F\x03\0\0\x80\0\0\x80?\xC7Q\x0C\xBF\x9F\rl?\0\0\0\0_\xA9k>\0\0\xC0\x7F\0\0\xC0\x7F\x04\0\0\x80\x02\x1F;=\xE8\xD8\xF9=\x98\xF0\x94>\0\0\0?\xFB-d?\0\0\xC0\x7F\0\0\xC0\x7F\x05\0\0\x80\0\0\x80?\xE8\xD8\xF9=\xD49\xD6?\xBD\xEDu?\xF0\x94\x0E?\0\0\xC0\x7F\0\0\xC0\x7F\x06\0\0\x80\x9A\x99\x99>DT\x08>1\xE0\x96?|P\xDA>`\x1F\x95>\0\0\xC0\x7F\0\0\xC0\x7F\x07\0\0\x80O\xEC\xC4?\xC7)\"=\xD5\x1D\xE8?\0\0\0\0`\x1F\x95>\0\0\xC0\x7F\0\0\xC0\x7F\x08\0\0\x80\0\0\x80?\xC7)\"=\xD5+_@\xBD\xEDu?\xA8j\xD6>\0\0\xC0\x7F\0\0\xC0\x7F\t\0\0\x80\x9A\x99\x99?\0\0\0\0\x19\xE7\x85@\0\0\0\0\xA8j\xD6>\0\0\xC0\x7F\0\0\xC0\x7F",
        optimizer: "sgd",
        names: &[
            "input",
            "a",
            "a_gelu",
            "b",
            "b_sigmoid",
            "add_1",
            "c_concat",
            "c_dense",
            "add_2",
            "dense_1",
        ],
        words: &[
            "input",
            "dense",
            "gelu",
            "dense",
            "sigmoid",
            "add",
            "concat",
            "dense",
            "add",
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
            text: "`init = he_normal(gain = 1.11)`",
            decades: ::core::option::Option::Some(0.010638348925620305),
            deviation: ::core::option::Option::None,
            replacements: &[(0usize, 0usize, " init = he_normal(gain = 1.11);")],
        },
        ::network_core::flow::Remedy {
            change: ::network_core::flow::Change::Norm,
            text: "`batch_norm -> gelu`",
            decades: ::core::option::Option::Some(-0.11909925060891507),
            deviation: ::core::option::Option::None,
            replacements: &[],
        },
        ::network_core::flow::Remedy {
            change: ::network_core::flow::Change::Norm,
            text: "`layer_norm -> gelu`",
            decades: ::core::option::Option::Some(-0.1227768657984695),
            deviation: ::core::option::Option::None,
            replacements: &[],
        },
        ::network_core::flow::Remedy {
            change: ::network_core::flow::Change::Activation,
            text: "`tanh` with `init = xavier_normal`",
            decades: ::core::option::Option::Some(0.16889345692951488),
            deviation: ::core::option::Option::None,
            replacements: &[],
        },
    ];
    const CHUNK: usize = ::network_core::__private::chunk(
        <Skips as ::network_core::Layer>::INFER_SCRATCH,
        ::core::mem::size_of::<f64>(),
    );
    type Footprint = ::network_core::__private::Footprint<
        { ::core::mem::size_of::<Skips>() <= ::network_core::__private::STACK_LIMIT },
    >;
    type SampleScratch = [f64; <Skips as ::network_core::Layer>::INFER_SCRATCH];
    type ChunkScratch = [[f64; <Skips as ::network_core::Layer>::INFER_SCRATCH]; <Skips as ::network_core::Network>::CHUNK];
    type Scratch = [f64; <Skips as ::network_core::Layer>::SCRATCH];
}
