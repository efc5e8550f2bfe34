// struct Projected(16) -> 4 {
//     residual(scale = 0.5, project = true) { dense(8) -> relu -> dense(8) } -> relu;
//     dense(4);
// }

#[doc(hidden)]
#[allow(unused_imports)]
use ::network_core::bytemuck as __bytemuck_of_Projected;
/// A network from a vector of 16 to a vector of 4.
///
/// | field | layer | output | parameters |
/// |---|---|---|---|
/// | `dense_1` | `dense(8)` | 8 | 136 |
/// | `relu_1` | `relu` | 8 | 0 |
/// | `dense_2` | `dense(8)` | 8 | 72 |
/// | `project_1` | `dense(8)` | 8 | 136 |
/// | `relu_2` | `relu` | 8 | 0 |
/// | `dense_3` | `dense(4)` | 4 | 36 |
#[derive(__bytemuck_of_Projected::Zeroable)]
#[bytemuck(crate = "__bytemuck_of_Projected")]
#[repr(C)]
struct Projected {
    /// `dense(8)`: 16 to 8.
    pub dense_1: ::network_core::layers::Dense<f32, 16, 8>,
    /// `relu`: 8 to 8.
    pub relu_1: ::network_core::layers::Elementwise<
        f32,
        8,
        ::network_core::layers::Relu,
    >,
    /// `dense(8)`: 8 to 8.
    pub dense_2: ::network_core::layers::Dense<f32, 8, 8>,
    /// `dense(8)`: 16 to 8.
    pub project_1: ::network_core::layers::Dense<f32, 16, 8>,
    /// `relu`: 8 to 8.
    pub relu_2: ::network_core::layers::Elementwise<
        f32,
        8,
        ::network_core::layers::Relu,
    >,
    /// `dense(4)`: 8 to 4.
    pub dense_3: ::network_core::layers::Dense<f32, 8, 4>,
}
/// dL/dparameters of [`Projected`].
#[derive(Debug)]
#[derive(__bytemuck_of_Projected::Pod)]
#[derive(__bytemuck_of_Projected::Zeroable)]
#[bytemuck(crate = "__bytemuck_of_Projected")]
#[repr(C)]
struct ProjectedGradient {
    /// dL/dparameters of `dense_1`.
    pub dense_1: <::network_core::layers::Dense<
        f32,
        16,
        8,
    > as ::network_core::Layer>::Gradient,
    /// dL/dparameters of `dense_2`.
    pub dense_2: <::network_core::layers::Dense<
        f32,
        8,
        8,
    > as ::network_core::Layer>::Gradient,
    /// dL/dparameters of `project_1`.
    pub project_1: <::network_core::layers::Dense<
        f32,
        16,
        8,
    > as ::network_core::Layer>::Gradient,
    /// dL/dparameters of `dense_3`.
    pub dense_3: <::network_core::layers::Dense<
        f32,
        8,
        4,
    > as ::network_core::Layer>::Gradient,
}
#[automatically_derived]
impl ::core::clone::Clone for ProjectedGradient {
    fn clone(&self) -> Self {
        *self
    }
}
#[automatically_derived]
impl ::core::marker::Copy for ProjectedGradient {}
/// What the forward pass of [`Projected`] leaves for the backward pass.
#[allow(missing_debug_implementations, non_snake_case)]
#[derive(__bytemuck_of_Projected::Zeroable)]
#[bytemuck(crate = "__bytemuck_of_Projected")]
#[repr(C)]
struct ProjectedCache<const BATCH: usize> {
    dense_1_output: [::network_core::nalgebra::SVector<f32, 8>; BATCH],
    dense_2_output: [::network_core::nalgebra::SVector<f32, 8>; BATCH],
    project_1_output: [::network_core::nalgebra::SVector<f32, 8>; BATCH],
}
#[allow(unused_variables, clippy::all, clippy::pedantic)]
impl ::network_core::Layer for Projected {
    type Scalar = f32;
    type Input = ::network_core::nalgebra::SVector<f32, 16>;
    type Output = ::network_core::nalgebra::SVector<f32, 4>;
    type Config = ();
    type Gradient = ProjectedGradient;
    type Cache<const BATCH: usize> = ProjectedCache<BATCH>;
    const MULTIPLY_ADDS: usize = 0
        + 2
            * <::network_core::layers::Dense<
                f32,
                16,
                8,
            > as ::network_core::Layer>::MULTIPLY_ADDS
        + 2
            * <::network_core::layers::Elementwise<
                f32,
                8,
                ::network_core::layers::Relu,
            > as ::network_core::Layer>::MULTIPLY_ADDS
        + <::network_core::layers::Dense<
            f32,
            8,
            8,
        > as ::network_core::Layer>::MULTIPLY_ADDS
        + <::network_core::layers::Dense<
            f32,
            8,
            4,
        > as ::network_core::Layer>::MULTIPLY_ADDS;
    const INPUT_MULTIPLY_ADDS: usize = 0
        + 2
            * <::network_core::layers::Dense<
                f32,
                16,
                8,
            > as ::network_core::Layer>::INPUT_MULTIPLY_ADDS;
    const COUPLES_SAMPLES: bool = false
        || <::network_core::layers::Dense<
            f32,
            16,
            8,
        > as ::network_core::Layer>::COUPLES_SAMPLES
        || <::network_core::layers::Elementwise<
            f32,
            8,
            ::network_core::layers::Relu,
        > as ::network_core::Layer>::COUPLES_SAMPLES
        || <::network_core::layers::Dense<
            f32,
            8,
            8,
        > as ::network_core::Layer>::COUPLES_SAMPLES
        || <::network_core::layers::Dense<
            f32,
            8,
            4,
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
            &mut self.project_1,
            &::network_core::layers::DenseConfig {
                weight: ::network_core::init::Init::XavierUniform {
                    gain: 1.0,
                },
                bias: ::network_core::init::Init::Zeros,
            },
            generator,
        );
        ::network_core::Layer::initialize(
            &mut self.relu_2,
            &::network_core::layers::Relu,
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
    }
    const INFER_SCRATCH: usize = 16;
    fn infer(
        &self,
        path: ::network_core::SimdPath,
        x: &[Self::Input],
        y: &mut [Self::Output],
        scratch: &mut [Self::Scalar],
    ) {
        let n = x.len();
        let (slot_1, scratch) = ::network_core::__private::slot::<f32, 8>(scratch, n);
        let (slot_2, scratch) = ::network_core::__private::slot::<f32, 8>(scratch, n);
        ::network_core::Layer::infer(&self.dense_1, path, x, &mut *slot_1, scratch);
        self.relu_1.forward_in_place(path, &mut *slot_1);
        ::network_core::Layer::infer(
            &self.dense_2,
            path,
            &*slot_1,
            &mut *slot_2,
            scratch,
        );
        ::network_core::Layer::infer(&self.project_1, path, x, &mut *slot_1, scratch);
        ::network_core::layers::residual::forward_in_place(
            path,
            0.5,
            &*slot_1,
            &mut *slot_2,
        );
        self.relu_2.forward_in_place(path, &mut *slot_2);
        ::network_core::Layer::infer(&self.dense_3, path, &*slot_2, &mut *y, scratch);
    }
    fn forward<const BATCH: usize>(
        &self,
        pass: &mut ::network_core::Pass<'_>,
        x: &[Self::Input],
        y: &mut [Self::Output],
        cache: &mut ProjectedCache<BATCH>,
        scratch: &mut [Self::Scalar],
    ) {
        let n = x.len();
        ::network_core::__private::forward::<
            BATCH,
            _,
        >(
            ("dense_1", "dense(8)"),
            &self.dense_1,
            pass,
            x,
            ::network_core::__private::first_mut(&mut cache.dense_1_output, n),
            &mut (),
            scratch,
        );
        ::network_core::__private::forward_in_place(
            ("relu_1", "relu"),
            &self.relu_1,
            pass,
            ::network_core::__private::first_mut(&mut cache.dense_1_output, n),
        );
        ::network_core::__private::forward::<
            BATCH,
            _,
        >(
            ("dense_2", "dense(8)"),
            &self.dense_2,
            pass,
            ::network_core::__private::first(&cache.dense_1_output, n),
            ::network_core::__private::first_mut(&mut cache.dense_2_output, n),
            &mut (),
            scratch,
        );
        ::network_core::__private::forward::<
            BATCH,
            _,
        >(
            ("project_1", "dense(8)"),
            &self.project_1,
            pass,
            x,
            ::network_core::__private::first_mut(&mut cache.project_1_output, n),
            &mut (),
            scratch,
        );
        ::network_core::layers::residual::forward_in_place(
            pass.path,
            0.5,
            ::network_core::__private::first(&cache.project_1_output, n),
            ::network_core::__private::first_mut(&mut cache.dense_2_output, n),
        );
        ::network_core::__private::forward_done(
            ("residual_1", "residual"),
            pass,
            ::network_core::__private::first(&cache.dense_2_output, n),
        );
        ::network_core::__private::forward_in_place(
            ("relu_2", "relu"),
            &self.relu_2,
            pass,
            ::network_core::__private::first_mut(&mut cache.dense_2_output, n),
        );
        ::network_core::__private::forward::<
            BATCH,
            _,
        >(
            ("dense_3", "dense(4)"),
            &self.dense_3,
            pass,
            ::network_core::__private::first(&cache.dense_2_output, n),
            &mut *y,
            &mut (),
            scratch,
        );
    }
    const SCRATCH: usize = 32;
    fn backward<const BATCH: usize>(
        &self,
        pass: &mut ::network_core::Pass<'_>,
        x: &[Self::Input],
        y: &[Self::Output],
        d_y: &[Self::Output],
        mut d_x: ::core::option::Option<&mut [Self::Input]>,
        cache: &mut ProjectedCache<BATCH>,
        gradient: &mut ProjectedGradient,
        scratch: &mut [Self::Scalar],
    ) {
        let n = x.len();
        let (slot_1, scratch) = ::network_core::__private::slot::<f32, 8>(scratch, n);
        let (slot_2, scratch) = ::network_core::__private::slot::<f32, 8>(scratch, n);
        let (slot_3, scratch) = ::network_core::__private::slot::<f32, 16>(scratch, n);
        ::network_core::__private::backward::<
            BATCH,
            _,
        >(
            ("dense_3", "dense(4)"),
            &self.dense_3,
            pass,
            ::network_core::__private::first(&cache.dense_2_output, n),
            &*y,
            d_y,
            ::core::option::Option::Some(&mut *slot_1),
            &mut (),
            &mut gradient.dense_3,
            scratch,
        );
        ::network_core::__private::backward_in_place(
            ("relu_2", "relu"),
            &self.relu_2,
            pass,
            ::network_core::__private::first(&cache.dense_2_output, n),
            &mut *slot_1,
        );
        ::network_core::__private::backward_begins(
            ("residual_1", "residual"),
            pass,
            &*slot_1,
        );
        ::network_core::layers::residual::backward(
            pass.path,
            0.5,
            &*slot_1,
            &mut *slot_2,
        );
        let wanted = if d_x.is_some() {
            ::core::option::Option::Some(&mut *slot_3)
        } else {
            ::core::option::Option::None
        };
        ::network_core::__private::backward::<
            BATCH,
            _,
        >(
            ("project_1", "dense(8)"),
            &self.project_1,
            pass,
            x,
            ::network_core::__private::first(&cache.project_1_output, n),
            &*slot_1,
            wanted,
            &mut (),
            &mut gradient.project_1,
            scratch,
        );
        ::network_core::__private::backward::<
            BATCH,
            _,
        >(
            ("dense_2", "dense(8)"),
            &self.dense_2,
            pass,
            ::network_core::__private::first(&cache.dense_1_output, n),
            ::network_core::__private::first(&cache.dense_2_output, n),
            &*slot_2,
            ::core::option::Option::Some(&mut *slot_1),
            &mut (),
            &mut gradient.dense_2,
            scratch,
        );
        ::network_core::__private::backward_in_place(
            ("relu_1", "relu"),
            &self.relu_1,
            pass,
            ::network_core::__private::first(&cache.dense_1_output, n),
            &mut *slot_1,
        );
        ::network_core::__private::backward::<
            BATCH,
            _,
        >(
            ("dense_1", "dense(8)"),
            &self.dense_1,
            pass,
            x,
            ::network_core::__private::first(&cache.dense_1_output, n),
            &*slot_1,
            d_x.as_deref_mut(),
            &mut (),
            &mut gradient.dense_1,
            scratch,
        );
        if let ::core::option::Option::Some(d_x) = d_x.as_deref_mut() {
            ::network_core::layers::residual::add(pass.path, d_x, &*slot_3);
        }
    }
    fn visit(&self, visitor: &mut dyn ::network_core::Visitor<f32>) {
        ::network_core::__private::visit("dense_1", &self.dense_1, visitor);
        ::network_core::__private::visit("dense_2", &self.dense_2, visitor);
        ::network_core::__private::visit("project_1", &self.project_1, visitor);
        ::network_core::__private::visit("dense_3", &self.dense_3, visitor);
    }
    fn visit_mut(&mut self, visitor: &mut dyn ::network_core::VisitorMut<f32>) {
        ::network_core::__private::visit_mut("dense_1", &mut self.dense_1, visitor);
        ::network_core::__private::visit_mut("dense_2", &mut self.dense_2, visitor);
        ::network_core::__private::visit_mut("project_1", &mut self.project_1, visitor);
        ::network_core::__private::visit_mut("dense_3", &mut self.dense_3, visitor);
    }
}
impl ::network_core::Network for Projected {
    const NAME: &'static str = "Projected";
    const LAYERS: &'static [::network_core::LayerInfo] = &[
        ::network_core::LayerInfo {
            name: "dense_1",
            layer: "dense(8)",
            input: "16",
            output: "8",
            parameters: 136,
            times: 1,
        },
        ::network_core::LayerInfo {
            name: "relu_1",
            layer: "relu",
            input: "8",
            output: "8",
            parameters: 0,
            times: 1,
        },
        ::network_core::LayerInfo {
            name: "dense_2",
            layer: "dense(8)",
            input: "8",
            output: "8",
            parameters: 72,
            times: 1,
        },
        ::network_core::LayerInfo {
            name: "project_1",
            layer: "dense(8)",
            input: "16",
            output: "8",
            parameters: 136,
            times: 1,
        },
        ::network_core::LayerInfo {
            name: "relu_2",
            layer: "relu",
            input: "8",
            output: "8",
            parameters: 0,
            times: 1,
        },
        ::network_core::LayerInfo {
            name: "dense_3",
            layer: "dense(4)",
            input: "8",
            output: "4",
            parameters: 36,
            times: 1,
        },
    ];
    const FLOW: ::network_core::flow::Prediction = ::network_core::flow::Prediction {
        decades: ::core::option::Option::Some(0.043575087859450044),
        deviation: ::core::option::Option::Some(0.08673980721288783),
        unknown: ::core::option::Option::None,
        findings: &[],
        records: b"\0\0\0\0\0\0\0@\xEC4\xC7\xBE\0\0\0@\0\0\0\0\0\0\0\0W\xE7\xAC=\xD9[^<\x01\0\0\0\0\0\0?=It\xBE\0\0\x80?\xBBn\x10?\x83\xF9\xA2>\xF0`\xAC=\x98*\x08=\x02\0\0\0\0\0\0@\xEC4\xC7\xBE\0\0\0@\0\0\0\0\x83\xF9\xA2>\xE0\x18\xA3=\x98*\x08=\x04\0\0\0\xAB\xAA\xAA?DQ\xB4\xBD\xAB\xAA\xAA?\0\0\0\0\0\0\0\0\x86\xF6\x94=\xD9[^<\x04\0\0\x80\0\0\x80?DQ\xB4\xBD\xAB\xAA\xEA?\0\0\0\0a\xCA\xB1=\x86\xF6\x94=\xC0\x95[<\x05\0\0\x80\0\0\0?\xE1\xDF\x7F=\xAB\xAAj?\x9BH\n?\x1F\xD0\xB9>!)\x84=o\x0FT=\x06\0\0\x80\xAB\xAA\xAA?\0\0\0\0\xC7q\x9C?\0\0\0\0\x1F\xD0\xB9>\0\0\0\0o\x0FT=",
        optimizer: "sgd",
        names: &[
            "dense_1",
            "relu_1",
            "dense_2",
            "project_1",
            "residual_1",
            "relu_2",
            "dense_3",
        ],
        words: &["dense", "relu", "dense", "project", "residual", "relu", "dense"],
    };
    const DECLARATION: ::network_core::Declaration = ::network_core::Declaration {
        source: "",
        places: &[],
    };
    const REMEDIES: &'static [::network_core::flow::Remedy] = &[
        ::network_core::flow::Remedy {
            change: ::network_core::flow::Change::Init,
            text: "`init = xavier_normal`",
            decades: ::core::option::Option::Some(-0.00000000000000003616227999574826),
            deviation: ::core::option::Option::Some(0.0814680223862676),
            replacements: &[(0usize, 0usize, " init = xavier_normal;")],
        },
        ::network_core::flow::Remedy {
            change: ::network_core::flow::Change::Norm,
            text: "`batch_norm -> relu`",
            decades: ::core::option::Option::Some(0.011740376493518575),
            deviation: ::core::option::Option::Some(0.08300244981719727),
            replacements: &[],
        },
        ::network_core::flow::Remedy {
            change: ::network_core::flow::Change::Norm,
            text: "`layer_norm -> relu`",
            decades: ::core::option::Option::Some(0.011740376493518575),
            deviation: ::core::option::Option::Some(0.08300244981719727),
            replacements: &[],
        },
        ::network_core::flow::Remedy {
            change: ::network_core::flow::Change::Norm,
            text: "`batch_norm -> dense(8)`",
            decades: ::core::option::Option::Some(0.043574495644816594),
            deviation: ::core::option::Option::Some(0.08673974128173881),
            replacements: &[],
        },
        ::network_core::flow::Remedy {
            change: ::network_core::flow::Change::Alive,
            text: "`leaky_relu(0.01)`",
            decades: ::core::option::Option::Some(0.04360272361460614),
            deviation: ::core::option::Option::Some(0.0867854993255422),
            replacements: &[],
        },
    ];
    const CHUNK: usize = ::network_core::__private::chunk(
        <Projected as ::network_core::Layer>::INFER_SCRATCH,
        ::core::mem::size_of::<f32>(),
    );
    type Footprint = ::network_core::__private::Footprint<
        { ::core::mem::size_of::<Projected>() <= ::network_core::__private::STACK_LIMIT },
    >;
    type SampleScratch = [f32; <Projected as ::network_core::Layer>::INFER_SCRATCH];
    type ChunkScratch = [[f32; <Projected as ::network_core::Layer>::INFER_SCRATCH]; <Projected as ::network_core::Network>::CHUNK];
    type Scratch = [f32; <Projected as ::network_core::Layer>::SCRATCH];
}
