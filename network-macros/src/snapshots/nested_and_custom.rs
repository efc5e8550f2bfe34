// pub(crate) struct Mixed(12) -> 2 {
//     encoder: parts::Encoder;
//     own: layer(Swish<f32, 8>, output = 8, config = SwishConfig { beta: 0.5 });
//     activation(Bump) -> dense(2);
// }

#[doc(hidden)]
#[allow(unused_imports)]
use ::network_core::bytemuck as __bytemuck_of_Mixed;
/// A network from a vector of 12 to a vector of 2.
///
/// | field | layer | output | parameters |
/// |---|---|---|---|
/// | `encoder` | `parts::Encoder` | the output of Encoder | ? |
/// | `own` | `layer(Swish<f32, 8>, output = 8, config = SwishConfig { beta: 0.5 })` | 8 | ? |
/// | `activation_1` | `activation(Bump)` | 8 | 0 |
/// | `dense_1` | `dense(2)` | 2 | 18 |
#[derive(__bytemuck_of_Mixed::Zeroable)]
#[bytemuck(crate = "__bytemuck_of_Mixed")]
#[repr(C)]
pub(crate) struct Mixed {
    /// `parts::Encoder`: 12 to the output of Encoder.
    pub encoder: parts::Encoder,
    /// `layer(Swish<f32, 8>, output = 8, config = SwishConfig { beta: 0.5 })`: the output of Encoder to 8.
    pub own: Swish<f32, 8>,
    /// `activation(Bump)`: 8 to 8.
    pub activation_1: ::network_core::layers::Elementwise<f32, 8, Bump>,
    /// `dense(2)`: 8 to 2.
    pub dense_1: ::network_core::layers::Dense<f32, 8, 2>,
}
/// dL/dparameters of [`Mixed`].
#[derive(Debug)]
#[derive(__bytemuck_of_Mixed::Pod)]
#[derive(__bytemuck_of_Mixed::Zeroable)]
#[bytemuck(crate = "__bytemuck_of_Mixed")]
#[repr(C)]
pub(crate) struct MixedGradient {
    /// dL/dparameters of `encoder`.
    pub encoder: <parts::Encoder as ::network_core::Layer>::Gradient,
    /// dL/dparameters of `own`.
    pub own: <Swish<f32, 8> as ::network_core::Layer>::Gradient,
    /// dL/dparameters of `dense_1`.
    pub dense_1: <::network_core::layers::Dense<
        f32,
        8,
        2,
    > as ::network_core::Layer>::Gradient,
}
#[automatically_derived]
impl ::core::clone::Clone for MixedGradient {
    fn clone(&self) -> Self {
        *self
    }
}
#[automatically_derived]
impl ::core::marker::Copy for MixedGradient {}
/// What the forward pass of [`Mixed`] leaves for the backward pass.
#[allow(missing_debug_implementations, non_snake_case)]
#[derive(__bytemuck_of_Mixed::Zeroable)]
#[bytemuck(crate = "__bytemuck_of_Mixed")]
#[repr(C)]
pub(crate) struct MixedCache<const BATCH: usize> {
    encoder_output: [::network_core::nalgebra::SVector<
        f32,
        {
            <<parts::Encoder as ::network_core::Layer>::Output as ::network_core::Sample>::LEN
        },
    >; BATCH],
    own_output: [::network_core::nalgebra::SVector<f32, 8>; BATCH],
    activation_1_output: [::network_core::nalgebra::SVector<f32, 8>; BATCH],
    encoder_cache: <parts::Encoder as ::network_core::Layer>::Cache<BATCH>,
    own_cache: <Swish<f32, 8> as ::network_core::Layer>::Cache<BATCH>,
}
#[allow(unused_variables, clippy::all, clippy::pedantic)]
impl ::network_core::Layer for Mixed {
    type Scalar = f32;
    type Input = ::network_core::nalgebra::SVector<f32, 12>;
    type Output = ::network_core::nalgebra::SVector<f32, 2>;
    type Config = ();
    type Gradient = MixedGradient;
    type Cache<const BATCH: usize> = MixedCache<BATCH>;
    const MULTIPLY_ADDS: usize = 0
        + <parts::Encoder as ::network_core::Layer>::MULTIPLY_ADDS
        + <Swish<f32, 8> as ::network_core::Layer>::MULTIPLY_ADDS
        + <::network_core::layers::Elementwise<
            f32,
            8,
            Bump,
        > as ::network_core::Layer>::MULTIPLY_ADDS
        + <::network_core::layers::Dense<
            f32,
            8,
            2,
        > as ::network_core::Layer>::MULTIPLY_ADDS;
    const INPUT_MULTIPLY_ADDS: usize = 0
        + <parts::Encoder as ::network_core::Layer>::INPUT_MULTIPLY_ADDS;
    const COUPLES_SAMPLES: bool = false
        || <parts::Encoder as ::network_core::Layer>::COUPLES_SAMPLES
        || <Swish<f32, 8> as ::network_core::Layer>::COUPLES_SAMPLES
        || <::network_core::layers::Elementwise<
            f32,
            8,
            Bump,
        > as ::network_core::Layer>::COUPLES_SAMPLES
        || <::network_core::layers::Dense<
            f32,
            8,
            2,
        > as ::network_core::Layer>::COUPLES_SAMPLES;
    fn initialize(&mut self, (): &(), generator: &mut ::network_core::Generator) {
        ::network_core::Layer::initialize(&mut self.encoder, &(), generator);
        ::network_core::Layer::initialize(
            &mut self.own,
            &SwishConfig { beta: 0.5 },
            generator,
        );
        ::network_core::Layer::initialize(
            &mut self.activation_1,
            &<Bump as ::core::default::Default>::default(),
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
    const INFER_SCRATCH: usize = <<parts::Encoder as ::network_core::Layer>::Output as ::network_core::Sample>::LEN
        + 8
        + ::network_core::__private::max(
            &[
                <parts::Encoder as ::network_core::Layer>::INFER_SCRATCH,
                <Swish<f32, 8> as ::network_core::Layer>::INFER_SCRATCH,
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
        let (slot_1, scratch) = ::network_core::__private::slot::<
            f32,
            {
                <<parts::Encoder as ::network_core::Layer>::Output as ::network_core::Sample>::LEN
            },
        >(scratch, n);
        let (slot_2, scratch) = ::network_core::__private::slot::<f32, 8>(scratch, n);
        ::network_core::Layer::infer(
            &self.encoder,
            path,
            ::network_core::__private::cast(x),
            ::network_core::__private::cast_mut(&mut *slot_1),
            scratch,
        );
        ::network_core::Layer::infer(
            &self.own,
            path,
            ::network_core::__private::cast(&*slot_1),
            ::network_core::__private::cast_mut(&mut *slot_2),
            scratch,
        );
        self.activation_1.forward_in_place(path, &mut *slot_2);
        ::network_core::Layer::infer(&self.dense_1, path, &*slot_2, &mut *y, scratch);
    }
    fn forward<const BATCH: usize>(
        &self,
        pass: &mut ::network_core::Pass<'_>,
        x: &[Self::Input],
        y: &mut [Self::Output],
        cache: &mut MixedCache<BATCH>,
        scratch: &mut [Self::Scalar],
    ) {
        let n = x.len();
        ::network_core::__private::forward::<
            BATCH,
            _,
        >(
            ("encoder", "parts::Encoder"),
            &self.encoder,
            pass,
            ::network_core::__private::cast(x),
            ::network_core::__private::cast_mut(
                ::network_core::__private::first_mut(&mut cache.encoder_output, n),
            ),
            &mut cache.encoder_cache,
            scratch,
        );
        ::network_core::__private::forward::<
            BATCH,
            _,
        >(
            (
                "own",
                "layer(Swish<f32, 8>, output = 8, config = SwishConfig { beta: 0.5 })",
            ),
            &self.own,
            pass,
            ::network_core::__private::cast(
                ::network_core::__private::first(&cache.encoder_output, n),
            ),
            ::network_core::__private::cast_mut(
                ::network_core::__private::first_mut(&mut cache.own_output, n),
            ),
            &mut cache.own_cache,
            scratch,
        );
        ::network_core::__private::forward::<
            BATCH,
            _,
        >(
            ("activation_1", "activation(Bump)"),
            &self.activation_1,
            pass,
            ::network_core::__private::first(&cache.own_output, n),
            ::network_core::__private::first_mut(&mut cache.activation_1_output, n),
            &mut (),
            scratch,
        );
        ::network_core::__private::forward::<
            BATCH,
            _,
        >(
            ("dense_1", "dense(2)"),
            &self.dense_1,
            pass,
            ::network_core::__private::first(&cache.activation_1_output, n),
            &mut *y,
            &mut (),
            scratch,
        );
    }
    const SCRATCH: usize = ::network_core::__private::max(
        &[
            8,
            <<parts::Encoder as ::network_core::Layer>::Output as ::network_core::Sample>::LEN,
        ],
    ) + 8
        + ::network_core::__private::max(
            &[
                <parts::Encoder as ::network_core::Layer>::SCRATCH,
                <Swish<f32, 8> as ::network_core::Layer>::SCRATCH,
            ],
        );
    fn backward<const BATCH: usize>(
        &self,
        pass: &mut ::network_core::Pass<'_>,
        x: &[Self::Input],
        y: &[Self::Output],
        d_y: &[Self::Output],
        mut d_x: ::core::option::Option<&mut [Self::Input]>,
        cache: &mut MixedCache<BATCH>,
        gradient: &mut MixedGradient,
        scratch: &mut [Self::Scalar],
    ) {
        let n = x.len();
        let (slot_1, scratch) = scratch
            .split_at_mut(
                n
                    * ::network_core::__private::max(
                        &[
                            8,
                            <<parts::Encoder as ::network_core::Layer>::Output as ::network_core::Sample>::LEN,
                        ],
                    ),
            );
        let (slot_2, scratch) = ::network_core::__private::slot::<f32, 8>(scratch, n);
        ::network_core::__private::backward::<
            BATCH,
            _,
        >(
            ("dense_1", "dense(2)"),
            &self.dense_1,
            pass,
            ::network_core::__private::first(&cache.activation_1_output, n),
            &*y,
            d_y,
            ::core::option::Option::Some(
                ::network_core::__private::samples_mut::<f32, 8>(slot_1, n),
            ),
            &mut (),
            &mut gradient.dense_1,
            scratch,
        );
        ::network_core::__private::backward::<
            BATCH,
            _,
        >(
            ("activation_1", "activation(Bump)"),
            &self.activation_1,
            pass,
            ::network_core::__private::first(&cache.own_output, n),
            ::network_core::__private::first(&cache.activation_1_output, n),
            ::network_core::__private::samples::<f32, 8>(slot_1, n),
            ::core::option::Option::Some(&mut *slot_2),
            &mut (),
            &mut (),
            scratch,
        );
        ::network_core::__private::backward::<
            BATCH,
            _,
        >(
            (
                "own",
                "layer(Swish<f32, 8>, output = 8, config = SwishConfig { beta: 0.5 })",
            ),
            &self.own,
            pass,
            ::network_core::__private::cast(
                ::network_core::__private::first(&cache.encoder_output, n),
            ),
            ::network_core::__private::cast(
                ::network_core::__private::first(&cache.own_output, n),
            ),
            ::network_core::__private::cast(&*slot_2),
            ::core::option::Option::Some(
                ::network_core::__private::cast_mut(
                    ::network_core::__private::samples_mut::<
                        f32,
                        {
                            <<parts::Encoder as ::network_core::Layer>::Output as ::network_core::Sample>::LEN
                        },
                    >(slot_1, n),
                ),
            ),
            &mut cache.own_cache,
            &mut gradient.own,
            scratch,
        );
        ::network_core::__private::backward::<
            BATCH,
            _,
        >(
            ("encoder", "parts::Encoder"),
            &self.encoder,
            pass,
            ::network_core::__private::cast(x),
            ::network_core::__private::cast(
                ::network_core::__private::first(&cache.encoder_output, n),
            ),
            ::network_core::__private::cast(
                ::network_core::__private::samples::<
                    f32,
                    {
                        <<parts::Encoder as ::network_core::Layer>::Output as ::network_core::Sample>::LEN
                    },
                >(slot_1, n),
            ),
            d_x.as_deref_mut().map(|d_x| ::network_core::__private::cast_mut(d_x)),
            &mut cache.encoder_cache,
            &mut gradient.encoder,
            scratch,
        );
    }
    fn update_statistics<const BATCH: usize>(&mut self, cache: &MixedCache<BATCH>) {
        ::network_core::Layer::update_statistics::<
            BATCH,
        >(&mut self.encoder, &cache.encoder_cache);
        ::network_core::Layer::update_statistics::<
            BATCH,
        >(&mut self.own, &cache.own_cache);
    }
    fn visit(&self, visitor: &mut dyn ::network_core::Visitor<f32>) {
        ::network_core::__private::visit("encoder", &self.encoder, visitor);
        ::network_core::__private::visit("own", &self.own, visitor);
        ::network_core::__private::visit("dense_1", &self.dense_1, visitor);
    }
    fn visit_mut(&mut self, visitor: &mut dyn ::network_core::VisitorMut<f32>) {
        ::network_core::__private::visit_mut("encoder", &mut self.encoder, visitor);
        ::network_core::__private::visit_mut("own", &mut self.own, visitor);
        ::network_core::__private::visit_mut("dense_1", &mut self.dense_1, visitor);
    }
}
impl ::network_core::Network for Mixed {
    const NAME: &'static str = "Mixed";
    const LAYERS: &'static [::network_core::LayerInfo] = &[
        ::network_core::LayerInfo {
            name: "encoder",
            layer: "parts::Encoder",
            input: "12",
            output: "the output of Encoder",
            parameters: ::core::mem::size_of::<
                <parts::Encoder as ::network_core::Layer>::Gradient,
            >() / ::core::mem::size_of::<f32>(),
            times: 1,
        },
        ::network_core::LayerInfo {
            name: "own",
            layer: "layer(Swish<f32, 8>, output = 8, config = SwishConfig { beta: 0.5 })",
            input: "the output of Encoder",
            output: "8",
            parameters: ::core::mem::size_of::<
                <Swish<f32, 8> as ::network_core::Layer>::Gradient,
            >() / ::core::mem::size_of::<f32>(),
            times: 1,
        },
        ::network_core::LayerInfo {
            name: "activation_1",
            layer: "activation(Bump)",
            input: "8",
            output: "8",
            parameters: 0,
            times: 1,
        },
        ::network_core::LayerInfo {
            name: "dense_1",
            layer: "dense(2)",
            input: "8",
            output: "2",
            parameters: 18,
            times: 1,
        },
    ];
    const FLOW: ::network_core::flow::Prediction = ::network_core::flow::Prediction {
        decades: ::core::option::Option::None,
        deviation: ::core::option::Option::None,
        unknown: ::core::option::Option::Some("`encoder`: a layer of unknown effect"),
        findings: &[],
        records: b"\0\0\0\x80\0\0\x80?\xD4\x04\xD1=\0\0\x80?\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\x80\0\0\x80?\xD4\x04\xD1=\0\0\x80?\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x02\0\0\x80\0\0\x80?\xD4\x04\xD1=\0\0\x80?\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x03\0\0\x80\xCD\xCC\xCC?\0\0\0\0\xCD\xCC\xCC?\0\0\0\0\0\0\0\0\0\0\0\0=;\x9D<",
        optimizer: "sgd",
        names: &["encoder", "own", "activation_1", "dense_1"],
        words: &["encoder", "layer", "activation", "dense"],
    };
    const DECLARATION: ::network_core::Declaration = ::network_core::Declaration {
        source: "",
        places: &[],
    };
    const REMEDIES: &'static [::network_core::flow::Remedy] = &[];
    const CHUNK: usize = ::network_core::__private::chunk(
        <Mixed as ::network_core::Layer>::INFER_SCRATCH,
        ::core::mem::size_of::<f32>(),
    );
    type Footprint = ::network_core::__private::Footprint<
        { ::core::mem::size_of::<Mixed>() <= ::network_core::__private::STACK_LIMIT },
    >;
    type SampleScratch = [f32; <Mixed as ::network_core::Layer>::INFER_SCRATCH];
    type ChunkScratch = [[f32; <Mixed as ::network_core::Layer>::INFER_SCRATCH]; <Mixed as ::network_core::Network>::CHUNK];
    type Scratch = [f32; <Mixed as ::network_core::Layer>::SCRATCH];
}
const _: fn() = || {
    fn has_scalar<L: ::network_core::Layer<Scalar = f32>>() {}
    has_scalar::<parts::Encoder>();
};
const _: () = {
    const TEXT: ::network_core::__private::Text = ::network_core::__private::Text::new(
            "`parts::Encoder` takes another input than the input produces\nnote: the sizes are ",
        )
        .number(
            <<parts::Encoder as ::network_core::Layer>::Input as ::network_core::Sample>::LEN,
        )
        .text(" and ")
        .number(12);
    if (<<parts::Encoder as ::network_core::Layer>::Input as ::network_core::Sample>::LEN)
        != (12)
    {
        ::core::panic!("{}", TEXT.as_str())
    }
};
const _: fn() = || {
    fn has_scalar<L: ::network_core::Layer<Scalar = f32>>() {}
    has_scalar::<Swish<f32, 8>>();
};
const _: () = {
    const TEXT: ::network_core::__private::Text = ::network_core::__private::Text::new(
            "`Swish<f32, 8>` takes another input than `encoder` produces\nnote: the sizes are ",
        )
        .number(
            <<Swish<
                f32,
                8,
            > as ::network_core::Layer>::Input as ::network_core::Sample>::LEN,
        )
        .text(" and ")
        .number(
            <<parts::Encoder as ::network_core::Layer>::Output as ::network_core::Sample>::LEN,
        );
    if (<<Swish<f32, 8> as ::network_core::Layer>::Input as ::network_core::Sample>::LEN)
        != (<<parts::Encoder as ::network_core::Layer>::Output as ::network_core::Sample>::LEN)
    {
        ::core::panic!("{}", TEXT.as_str())
    }
};
const _: () = {
    const TEXT: ::network_core::__private::Text = ::network_core::__private::Text::new(
            "`Swish<f32, 8>` produces another output than `output = ..` says\nnote: the sizes are ",
        )
        .number(
            <<Swish<
                f32,
                8,
            > as ::network_core::Layer>::Output as ::network_core::Sample>::LEN,
        )
        .text(" and ")
        .number(8);
    if (<<Swish<
        f32,
        8,
    > as ::network_core::Layer>::Output as ::network_core::Sample>::LEN) != (8)
    {
        ::core::panic!("{}", TEXT.as_str())
    }
};
