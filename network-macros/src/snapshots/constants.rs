// struct Symbolic(sizes::INPUT) -> OUTPUT {
//     stem: dense(WIDTH) -> leaky_relu(SLOPE);
//     repeat(DEPTH) { residual(scale = 1.0 / DEPTH as f64) { dense(2 * WIDTH) -> silu -> dense(WIDTH) }; }
//     concat(input) -> dense(OUTPUT);
// }

#[doc(hidden)]
#[allow(unused_imports)]
use ::network_core::bytemuck as __bytemuck_of_Symbolic;
/// A network from a vector of sizes::INPUT to a vector of OUTPUT.
///
/// | field | layer | output | parameters |
/// |---|---|---|---|
/// | `stem` | `dense(WIDTH)` | WIDTH | ? |
/// | `stem_leaky_relu` | `leaky_relu(SLOPE)` | WIDTH | 0 |
/// | `repeat_1` | `repeat(DEPTH)` | WIDTH | ? |
/// | `dense_1` | `dense(OUTPUT)` | OUTPUT | ? |
#[derive(__bytemuck_of_Symbolic::Zeroable)]
#[bytemuck(crate = "__bytemuck_of_Symbolic")]
#[repr(C)]
struct Symbolic {
    /// `dense(WIDTH)`: sizes::INPUT to WIDTH.
    pub stem: ::network_core::layers::Dense<f32, { sizes::INPUT }, { WIDTH }>,
    /// `leaky_relu(SLOPE)`: WIDTH to WIDTH.
    pub stem_leaky_relu: ::network_core::layers::Elementwise<
        f32,
        { WIDTH },
        ::network_core::layers::LeakyRelu,
    >,
    /// `repeat(DEPTH)`: WIDTH to WIDTH.
    pub repeat_1: [SymbolicRepeat1; { DEPTH }],
    /// `dense(OUTPUT)`: WIDTH + sizes::INPUT to OUTPUT.
    pub dense_1: ::network_core::layers::Dense<
        f32,
        { WIDTH + sizes::INPUT },
        { OUTPUT },
    >,
}
/// dL/dparameters of [`Symbolic`].
#[derive(Debug)]
#[derive(__bytemuck_of_Symbolic::Pod)]
#[derive(__bytemuck_of_Symbolic::Zeroable)]
#[bytemuck(crate = "__bytemuck_of_Symbolic")]
#[repr(C)]
struct SymbolicGradient {
    /// dL/dparameters of `stem`.
    pub stem: <::network_core::layers::Dense<
        f32,
        { sizes::INPUT },
        { WIDTH },
    > as ::network_core::Layer>::Gradient,
    /// dL/dparameters of `repeat_1`.
    pub repeat_1: <[SymbolicRepeat1; { DEPTH }] as ::network_core::Layer>::Gradient,
    /// dL/dparameters of `dense_1`.
    pub dense_1: <::network_core::layers::Dense<
        f32,
        { WIDTH + sizes::INPUT },
        { OUTPUT },
    > as ::network_core::Layer>::Gradient,
}
#[automatically_derived]
impl ::core::clone::Clone for SymbolicGradient {
    fn clone(&self) -> Self {
        *self
    }
}
#[automatically_derived]
impl ::core::marker::Copy for SymbolicGradient {}
/// What the forward pass of [`Symbolic`] leaves for the backward pass.
#[allow(missing_debug_implementations, non_snake_case)]
#[derive(__bytemuck_of_Symbolic::Zeroable)]
#[bytemuck(crate = "__bytemuck_of_Symbolic")]
#[repr(C)]
struct SymbolicCache<const BATCH: usize> {
    stem_output: [::network_core::nalgebra::SVector<f32, { WIDTH }>; BATCH],
    repeat_1_output: [::network_core::nalgebra::SVector<f32, { WIDTH }>; BATCH],
    concat_1_output: [::network_core::nalgebra::SVector<
        f32,
        { WIDTH + sizes::INPUT },
    >; BATCH],
    repeat_1_cache: <[SymbolicRepeat1; {
        DEPTH
    }] as ::network_core::Layer>::Cache<BATCH>,
}
#[allow(unused_variables, clippy::all, clippy::pedantic)]
impl ::network_core::Layer for Symbolic {
    type Scalar = f32;
    type Input = ::network_core::nalgebra::SVector<f32, { sizes::INPUT }>;
    type Output = ::network_core::nalgebra::SVector<f32, { OUTPUT }>;
    type Config = ();
    type Gradient = SymbolicGradient;
    type Cache<const BATCH: usize> = SymbolicCache<BATCH>;
    const MULTIPLY_ADDS: usize = 0
        + <::network_core::layers::Dense<
            f32,
            { sizes::INPUT },
            { WIDTH },
        > as ::network_core::Layer>::MULTIPLY_ADDS
        + <::network_core::layers::Elementwise<
            f32,
            { WIDTH },
            ::network_core::layers::LeakyRelu,
        > as ::network_core::Layer>::MULTIPLY_ADDS
        + <[SymbolicRepeat1; { DEPTH }] as ::network_core::Layer>::MULTIPLY_ADDS
        + <::network_core::layers::Dense<
            f32,
            { WIDTH + sizes::INPUT },
            { OUTPUT },
        > as ::network_core::Layer>::MULTIPLY_ADDS;
    const INPUT_MULTIPLY_ADDS: usize = 0
        + <::network_core::layers::Dense<
            f32,
            { sizes::INPUT },
            { WIDTH },
        > as ::network_core::Layer>::INPUT_MULTIPLY_ADDS;
    const COUPLES_SAMPLES: bool = false
        || <::network_core::layers::Dense<
            f32,
            { sizes::INPUT },
            { WIDTH },
        > as ::network_core::Layer>::COUPLES_SAMPLES
        || <::network_core::layers::Elementwise<
            f32,
            { WIDTH },
            ::network_core::layers::LeakyRelu,
        > as ::network_core::Layer>::COUPLES_SAMPLES
        || <[SymbolicRepeat1; { DEPTH }] as ::network_core::Layer>::COUPLES_SAMPLES
        || <::network_core::layers::Dense<
            f32,
            { WIDTH + sizes::INPUT },
            { OUTPUT },
        > as ::network_core::Layer>::COUPLES_SAMPLES;
    fn initialize(&mut self, (): &(), generator: &mut ::network_core::Generator) {
        ::network_core::Layer::initialize(
            &mut self.stem,
            &::network_core::layers::DenseConfig {
                weight: ::network_core::init::Init::HeNormal {
                    gain: 1.4141428569978354,
                    fan: ::network_core::init::Fan::FanIn,
                },
                bias: ::network_core::init::Init::Zeros,
            },
            generator,
        );
        ::network_core::Layer::initialize(
            &mut self.stem_leaky_relu,
            &::network_core::layers::LeakyRelu {
                slope: (SLOPE) as f64,
            },
            generator,
        );
        ::network_core::Layer::initialize(&mut self.repeat_1, &(), generator);
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
    const INFER_SCRATCH: usize = ::network_core::__private::max(
        &[WIDTH, WIDTH + sizes::INPUT],
    ) + WIDTH + <[SymbolicRepeat1; { DEPTH }] as ::network_core::Layer>::INFER_SCRATCH;
    fn infer(
        &self,
        path: ::network_core::SimdPath,
        x: &[Self::Input],
        y: &mut [Self::Output],
        scratch: &mut [Self::Scalar],
    ) {
        let n = x.len();
        let (slot_1, scratch) = scratch
            .split_at_mut(
                n * ::network_core::__private::max(&[WIDTH, WIDTH + sizes::INPUT]),
            );
        let (slot_2, scratch) = ::network_core::__private::slot::<
            f32,
            { WIDTH },
        >(scratch, n);
        ::network_core::Layer::infer(
            &self.stem,
            path,
            x,
            ::network_core::__private::samples_mut::<f32, { WIDTH }>(slot_1, n),
            scratch,
        );
        self.stem_leaky_relu
            .forward_in_place(
                path,
                ::network_core::__private::samples_mut::<f32, { WIDTH }>(slot_1, n),
            );
        ::network_core::Layer::infer(
            &self.repeat_1,
            path,
            ::network_core::__private::samples::<f32, { WIDTH }>(slot_1, n),
            &mut *slot_2,
            scratch,
        );
        ::network_core::layers::concat::write(
            &*slot_2,
            0,
            1,
            ::network_core::__private::samples_mut::<
                f32,
                { WIDTH + sizes::INPUT },
            >(slot_1, n),
        );
        ::network_core::layers::concat::write(
            x,
            WIDTH,
            1,
            ::network_core::__private::samples_mut::<
                f32,
                { WIDTH + sizes::INPUT },
            >(slot_1, n),
        );
        ::network_core::Layer::infer(
            &self.dense_1,
            path,
            ::network_core::__private::samples::<
                f32,
                { WIDTH + sizes::INPUT },
            >(slot_1, n),
            &mut *y,
            scratch,
        );
    }
    fn forward<const BATCH: usize>(
        &self,
        pass: &mut ::network_core::Pass<'_>,
        x: &[Self::Input],
        y: &mut [Self::Output],
        cache: &mut SymbolicCache<BATCH>,
        scratch: &mut [Self::Scalar],
    ) {
        let n = x.len();
        ::network_core::__private::forward::<
            BATCH,
            _,
        >(
            ("stem", "dense(WIDTH)"),
            &self.stem,
            pass,
            x,
            ::network_core::__private::first_mut(&mut cache.stem_output, n),
            &mut (),
            scratch,
        );
        ::network_core::__private::forward_in_place(
            ("stem_leaky_relu", "leaky_relu(SLOPE)"),
            &self.stem_leaky_relu,
            pass,
            ::network_core::__private::first_mut(&mut cache.stem_output, n),
        );
        ::network_core::__private::forward::<
            BATCH,
            _,
        >(
            ("repeat_1", "repeat(DEPTH)"),
            &self.repeat_1,
            pass,
            ::network_core::__private::first(&cache.stem_output, n),
            ::network_core::__private::first_mut(&mut cache.repeat_1_output, n),
            &mut cache.repeat_1_cache,
            scratch,
        );
        ::network_core::layers::concat::write(
            ::network_core::__private::first(&cache.repeat_1_output, n),
            0,
            1,
            ::network_core::__private::first_mut(&mut cache.concat_1_output, n),
        );
        ::network_core::layers::concat::write(
            x,
            WIDTH,
            1,
            ::network_core::__private::first_mut(&mut cache.concat_1_output, n),
        );
        ::network_core::__private::forward::<
            BATCH,
            _,
        >(
            ("dense_1", "dense(OUTPUT)"),
            &self.dense_1,
            pass,
            ::network_core::__private::first(&cache.concat_1_output, n),
            &mut *y,
            &mut (),
            scratch,
        );
    }
    const SCRATCH: usize = ::network_core::__private::max(&[WIDTH + sizes::INPUT, WIDTH])
        + WIDTH + sizes::INPUT
        + <[SymbolicRepeat1; { DEPTH }] as ::network_core::Layer>::SCRATCH;
    fn backward<const BATCH: usize>(
        &self,
        pass: &mut ::network_core::Pass<'_>,
        x: &[Self::Input],
        y: &[Self::Output],
        d_y: &[Self::Output],
        mut d_x: ::core::option::Option<&mut [Self::Input]>,
        cache: &mut SymbolicCache<BATCH>,
        gradient: &mut SymbolicGradient,
        scratch: &mut [Self::Scalar],
    ) {
        let n = x.len();
        let (slot_1, scratch) = scratch
            .split_at_mut(
                n * ::network_core::__private::max(&[WIDTH + sizes::INPUT, WIDTH]),
            );
        let (slot_2, scratch) = ::network_core::__private::slot::<
            f32,
            { WIDTH },
        >(scratch, n);
        let (slot_3, scratch) = ::network_core::__private::slot::<
            f32,
            { sizes::INPUT },
        >(scratch, n);
        ::network_core::__private::backward::<
            BATCH,
            _,
        >(
            ("dense_1", "dense(OUTPUT)"),
            &self.dense_1,
            pass,
            ::network_core::__private::first(&cache.concat_1_output, n),
            &*y,
            d_y,
            ::core::option::Option::Some(
                ::network_core::__private::samples_mut::<
                    f32,
                    { WIDTH + sizes::INPUT },
                >(slot_1, n),
            ),
            &mut (),
            &mut gradient.dense_1,
            scratch,
        );
        ::network_core::layers::concat::read(
            ::network_core::__private::samples::<
                f32,
                { WIDTH + sizes::INPUT },
            >(slot_1, n),
            0,
            1,
            &mut *slot_2,
        );
        ::network_core::layers::concat::read(
            ::network_core::__private::samples::<
                f32,
                { WIDTH + sizes::INPUT },
            >(slot_1, n),
            WIDTH,
            1,
            &mut *slot_3,
        );
        ::network_core::__private::backward::<
            BATCH,
            _,
        >(
            ("repeat_1", "repeat(DEPTH)"),
            &self.repeat_1,
            pass,
            ::network_core::__private::first(&cache.stem_output, n),
            ::network_core::__private::first(&cache.repeat_1_output, n),
            &*slot_2,
            ::core::option::Option::Some(
                ::network_core::__private::samples_mut::<f32, { WIDTH }>(slot_1, n),
            ),
            &mut cache.repeat_1_cache,
            &mut gradient.repeat_1,
            scratch,
        );
        ::network_core::__private::backward_in_place(
            ("stem_leaky_relu", "leaky_relu(SLOPE)"),
            &self.stem_leaky_relu,
            pass,
            ::network_core::__private::first(&cache.stem_output, n),
            ::network_core::__private::samples_mut::<f32, { WIDTH }>(slot_1, n),
        );
        ::network_core::__private::backward::<
            BATCH,
            _,
        >(
            ("stem", "dense(WIDTH)"),
            &self.stem,
            pass,
            x,
            ::network_core::__private::first(&cache.stem_output, n),
            ::network_core::__private::samples::<f32, { WIDTH }>(slot_1, n),
            d_x.as_deref_mut(),
            &mut (),
            &mut gradient.stem,
            scratch,
        );
        if let ::core::option::Option::Some(d_x) = d_x.as_deref_mut() {
            ::network_core::layers::residual::add(pass.path, d_x, &*slot_3);
        }
    }
    fn update_statistics<const BATCH: usize>(&mut self, cache: &SymbolicCache<BATCH>) {
        ::network_core::Layer::update_statistics::<
            BATCH,
        >(&mut self.repeat_1, &cache.repeat_1_cache);
    }
    fn visit(&self, visitor: &mut dyn ::network_core::Visitor<f32>) {
        ::network_core::__private::visit("stem", &self.stem, visitor);
        ::network_core::__private::visit("repeat_1", &self.repeat_1, visitor);
        ::network_core::__private::visit("dense_1", &self.dense_1, visitor);
    }
    fn visit_mut(&mut self, visitor: &mut dyn ::network_core::VisitorMut<f32>) {
        ::network_core::__private::visit_mut("stem", &mut self.stem, visitor);
        ::network_core::__private::visit_mut("repeat_1", &mut self.repeat_1, visitor);
        ::network_core::__private::visit_mut("dense_1", &mut self.dense_1, visitor);
    }
}
/// What a `repeat` repeats.
///
/// | field | layer | output | parameters |
/// |---|---|---|---|
/// | `dense_1` | `dense(2 * WIDTH)` | 2 * WIDTH | ? |
/// | `silu_1` | `silu` | 2 * WIDTH | 0 |
/// | `dense_2` | `dense(WIDTH)` | WIDTH | ? |
#[derive(__bytemuck_of_Symbolic::Zeroable)]
#[bytemuck(crate = "__bytemuck_of_Symbolic")]
#[repr(C)]
struct SymbolicRepeat1 {
    /// `dense(2 * WIDTH)`: WIDTH to 2 * WIDTH.
    pub dense_1: ::network_core::layers::Dense<f32, { WIDTH }, { 2 * WIDTH }>,
    /// `silu`: 2 * WIDTH to 2 * WIDTH.
    pub silu_1: ::network_core::layers::Elementwise<
        f32,
        { 2 * WIDTH },
        ::network_core::layers::Silu,
    >,
    /// `dense(WIDTH)`: 2 * WIDTH to WIDTH.
    pub dense_2: ::network_core::layers::Dense<f32, { 2 * WIDTH }, { WIDTH }>,
}
/// dL/dparameters of [`SymbolicRepeat1`].
#[derive(Debug)]
#[derive(__bytemuck_of_Symbolic::Pod)]
#[derive(__bytemuck_of_Symbolic::Zeroable)]
#[bytemuck(crate = "__bytemuck_of_Symbolic")]
#[repr(C)]
struct SymbolicRepeat1Gradient {
    /// dL/dparameters of `dense_1`.
    pub dense_1: <::network_core::layers::Dense<
        f32,
        { WIDTH },
        { 2 * WIDTH },
    > as ::network_core::Layer>::Gradient,
    /// dL/dparameters of `dense_2`.
    pub dense_2: <::network_core::layers::Dense<
        f32,
        { 2 * WIDTH },
        { WIDTH },
    > as ::network_core::Layer>::Gradient,
}
#[automatically_derived]
impl ::core::clone::Clone for SymbolicRepeat1Gradient {
    fn clone(&self) -> Self {
        *self
    }
}
#[automatically_derived]
impl ::core::marker::Copy for SymbolicRepeat1Gradient {}
/// What the forward pass of [`SymbolicRepeat1`] leaves for the backward pass.
#[allow(missing_debug_implementations, non_snake_case)]
#[derive(__bytemuck_of_Symbolic::Zeroable)]
#[bytemuck(crate = "__bytemuck_of_Symbolic")]
#[repr(C)]
struct SymbolicRepeat1Cache<const BATCH: usize> {
    dense_1_output: [::network_core::nalgebra::SVector<f32, { 2 * WIDTH }>; BATCH],
    silu_1_output: [::network_core::nalgebra::SVector<f32, { 2 * WIDTH }>; BATCH],
}
#[allow(unused_variables, clippy::all, clippy::pedantic)]
impl ::network_core::Layer for SymbolicRepeat1 {
    type Scalar = f32;
    type Input = ::network_core::nalgebra::SVector<f32, { WIDTH }>;
    type Output = ::network_core::nalgebra::SVector<f32, { WIDTH }>;
    type Config = ();
    type Gradient = SymbolicRepeat1Gradient;
    type Cache<const BATCH: usize> = SymbolicRepeat1Cache<BATCH>;
    const MULTIPLY_ADDS: usize = 0
        + <::network_core::layers::Dense<
            f32,
            { WIDTH },
            { 2 * WIDTH },
        > as ::network_core::Layer>::MULTIPLY_ADDS
        + <::network_core::layers::Elementwise<
            f32,
            { 2 * WIDTH },
            ::network_core::layers::Silu,
        > as ::network_core::Layer>::MULTIPLY_ADDS
        + <::network_core::layers::Dense<
            f32,
            { 2 * WIDTH },
            { WIDTH },
        > as ::network_core::Layer>::MULTIPLY_ADDS;
    const INPUT_MULTIPLY_ADDS: usize = 0
        + <::network_core::layers::Dense<
            f32,
            { WIDTH },
            { 2 * WIDTH },
        > as ::network_core::Layer>::INPUT_MULTIPLY_ADDS;
    const COUPLES_SAMPLES: bool = false
        || <::network_core::layers::Dense<
            f32,
            { WIDTH },
            { 2 * WIDTH },
        > as ::network_core::Layer>::COUPLES_SAMPLES
        || <::network_core::layers::Elementwise<
            f32,
            { 2 * WIDTH },
            ::network_core::layers::Silu,
        > as ::network_core::Layer>::COUPLES_SAMPLES
        || <::network_core::layers::Dense<
            f32,
            { 2 * WIDTH },
            { WIDTH },
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
            &mut self.silu_1,
            &::network_core::layers::Silu,
            generator,
        );
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
    const INFER_SCRATCH: usize = 2 * WIDTH;
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
            { 2 * WIDTH },
        >(scratch, n);
        ::network_core::Layer::infer(&self.dense_1, path, x, &mut *slot_1, scratch);
        self.silu_1.forward_in_place(path, &mut *slot_1);
        ::network_core::Layer::infer(&self.dense_2, path, &*slot_1, &mut *y, scratch);
        ::network_core::layers::residual::forward_in_place(
            path,
            (1.0 / DEPTH as f64) as f64,
            x,
            &mut *y,
        );
    }
    fn forward<const BATCH: usize>(
        &self,
        pass: &mut ::network_core::Pass<'_>,
        x: &[Self::Input],
        y: &mut [Self::Output],
        cache: &mut SymbolicRepeat1Cache<BATCH>,
        scratch: &mut [Self::Scalar],
    ) {
        let n = x.len();
        ::network_core::__private::forward::<
            BATCH,
            _,
        >(
            ("dense_1", "dense(2 * WIDTH)"),
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
            ("silu_1", "silu"),
            &self.silu_1,
            pass,
            ::network_core::__private::first(&cache.dense_1_output, n),
            ::network_core::__private::first_mut(&mut cache.silu_1_output, n),
            &mut (),
            scratch,
        );
        ::network_core::__private::forward::<
            BATCH,
            _,
        >(
            ("dense_2", "dense(WIDTH)"),
            &self.dense_2,
            pass,
            ::network_core::__private::first(&cache.silu_1_output, n),
            &mut *y,
            &mut (),
            scratch,
        );
        ::network_core::layers::residual::forward_in_place(
            pass.path,
            (1.0 / DEPTH as f64) as f64,
            x,
            &mut *y,
        );
        ::network_core::__private::forward_done(("residual_1", "residual"), pass, &*y);
    }
    const SCRATCH: usize = ::network_core::__private::max(&[WIDTH, 2 * WIDTH])
        + 2 * WIDTH;
    fn backward<const BATCH: usize>(
        &self,
        pass: &mut ::network_core::Pass<'_>,
        x: &[Self::Input],
        y: &[Self::Output],
        d_y: &[Self::Output],
        mut d_x: ::core::option::Option<&mut [Self::Input]>,
        cache: &mut SymbolicRepeat1Cache<BATCH>,
        gradient: &mut SymbolicRepeat1Gradient,
        scratch: &mut [Self::Scalar],
    ) {
        let n = x.len();
        let (slot_1, scratch) = scratch
            .split_at_mut(n * ::network_core::__private::max(&[WIDTH, 2 * WIDTH]));
        let (slot_2, scratch) = ::network_core::__private::slot::<
            f32,
            { 2 * WIDTH },
        >(scratch, n);
        ::network_core::__private::backward_begins(
            ("residual_1", "residual"),
            pass,
            d_y,
        );
        ::network_core::layers::residual::backward(
            pass.path,
            (1.0 / DEPTH as f64) as f64,
            d_y,
            ::network_core::__private::samples_mut::<f32, { WIDTH }>(slot_1, n),
        );
        ::network_core::__private::backward::<
            BATCH,
            _,
        >(
            ("dense_2", "dense(WIDTH)"),
            &self.dense_2,
            pass,
            ::network_core::__private::first(&cache.silu_1_output, n),
            &*y,
            ::network_core::__private::samples::<f32, { WIDTH }>(slot_1, n),
            ::core::option::Option::Some(&mut *slot_2),
            &mut (),
            &mut gradient.dense_2,
            scratch,
        );
        ::network_core::__private::backward::<
            BATCH,
            _,
        >(
            ("silu_1", "silu"),
            &self.silu_1,
            pass,
            ::network_core::__private::first(&cache.dense_1_output, n),
            ::network_core::__private::first(&cache.silu_1_output, n),
            &*slot_2,
            ::core::option::Option::Some(
                ::network_core::__private::samples_mut::<f32, { 2 * WIDTH }>(slot_1, n),
            ),
            &mut (),
            &mut (),
            scratch,
        );
        ::network_core::__private::backward::<
            BATCH,
            _,
        >(
            ("dense_1", "dense(2 * WIDTH)"),
            &self.dense_1,
            pass,
            x,
            ::network_core::__private::first(&cache.dense_1_output, n),
            ::network_core::__private::samples::<f32, { 2 * WIDTH }>(slot_1, n),
            d_x.as_deref_mut(),
            &mut (),
            &mut gradient.dense_1,
            scratch,
        );
        if let ::core::option::Option::Some(d_x) = d_x.as_deref_mut() {
            pass.skip("residual_1", d_y, d_x);
            ::network_core::layers::residual::add(pass.path, d_x, d_y);
        }
    }
    fn visit(&self, visitor: &mut dyn ::network_core::Visitor<f32>) {
        ::network_core::__private::visit("dense_1", &self.dense_1, visitor);
        ::network_core::__private::visit("dense_2", &self.dense_2, visitor);
    }
    fn visit_mut(&mut self, visitor: &mut dyn ::network_core::VisitorMut<f32>) {
        ::network_core::__private::visit_mut("dense_1", &mut self.dense_1, visitor);
        ::network_core::__private::visit_mut("dense_2", &mut self.dense_2, visitor);
    }
}
impl ::network_core::Network for Symbolic {
    const NAME: &'static str = "Symbolic";
    const LAYERS: &'static [::network_core::LayerInfo] = &[
        ::network_core::LayerInfo {
            name: "stem",
            layer: "dense(WIDTH)",
            input: "sizes::INPUT",
            output: "WIDTH",
            parameters: ::core::mem::size_of::<
                <::network_core::layers::Dense<
                    f32,
                    { sizes::INPUT },
                    { WIDTH },
                > as ::network_core::Layer>::Gradient,
            >() / ::core::mem::size_of::<f32>(),
            times: 1,
        },
        ::network_core::LayerInfo {
            name: "stem_leaky_relu",
            layer: "leaky_relu(SLOPE)",
            input: "WIDTH",
            output: "WIDTH",
            parameters: 0,
            times: 1,
        },
        ::network_core::LayerInfo {
            name: "repeat_1.*.dense_1",
            layer: "dense(2 * WIDTH)",
            input: "WIDTH",
            output: "2 * WIDTH",
            parameters: ::core::mem::size_of::<
                <::network_core::layers::Dense<
                    f32,
                    { WIDTH },
                    { 2 * WIDTH },
                > as ::network_core::Layer>::Gradient,
            >() / ::core::mem::size_of::<f32>(),
            times: DEPTH,
        },
        ::network_core::LayerInfo {
            name: "repeat_1.*.silu_1",
            layer: "silu",
            input: "2 * WIDTH",
            output: "2 * WIDTH",
            parameters: 0,
            times: DEPTH,
        },
        ::network_core::LayerInfo {
            name: "repeat_1.*.dense_2",
            layer: "dense(WIDTH)",
            input: "2 * WIDTH",
            output: "WIDTH",
            parameters: ::core::mem::size_of::<
                <::network_core::layers::Dense<
                    f32,
                    { 2 * WIDTH },
                    { WIDTH },
                > as ::network_core::Layer>::Gradient,
            >() / ::core::mem::size_of::<f32>(),
            times: DEPTH,
        },
        ::network_core::LayerInfo {
            name: "dense_1",
            layer: "dense(OUTPUT)",
            input: "WIDTH + sizes::INPUT",
            output: "OUTPUT",
            parameters: ::core::mem::size_of::<
                <::network_core::layers::Dense<
                    f32,
                    { WIDTH + sizes::INPUT },
                    { OUTPUT },
                > as ::network_core::Layer>::Gradient,
            >() / ::core::mem::size_of::<f32>(),
            times: 1,
        },
    ];
    const FLOW: ::network_core::flow::Prediction = ::network_core::flow::Prediction {
        decades: ::core::option::Option::None,
        deviation: ::core::option::Option::None,
        unknown: ::core::option::Option::Some("`repeat_1`: a layer of unknown effect"),
        findings: &[],
        records: b"\0\0\0\x80\0\0\x80?\0\0\0\0\0\0\x80?\0\0\0\0\0\0\0\0\0\0\xC0\x7F\0\0\xC0\x7F\x01\0\0\x80r\xF9\xFF?\xC2\x1D\x9A\xBEr\xF9\xFF?\0\0\0\0\0\0\0\0\0\0\xC0\x7F\0\0\xC0\x7F\x02\0\0\x80G\x03\0?\x9B \x1A\xBE\0\0\x80?'\xFB\x0E?+\xB7\x9F>\0\0\xC0\x7F\0\0\xC0\x7F\x07\0\0\x80\0\0\x80?\x9B \x1A\xBE\0\0\x80?\0\0\0\0+\xB7\x9F>\0\0\xC0\x7F\0\0\xC0\x7F\x08\0\0\x80\0\0\0?\0\0\0\0\0\0\x80?\0\0\0\0+\xB7\x1F>\0\0\xC0\x7F\0\0\xC0\x7F\t\0\0\x80\0\0\x80?\0\0\0\0\0\0\x80?\0\0\0\0+\xB7\x1F>\0\0\xC0\x7F\0\0\xC0\x7F",
        optimizer: "sgd",
        names: &[
            "input",
            "stem",
            "stem_leaky_relu",
            "repeat_1.*.dense_1",
            "repeat_1.*.silu_1",
            "repeat_1.*.dense_2",
            "repeat_1.*.residual_1",
            "repeat_1",
            "concat_1",
            "dense_1",
        ],
        words: &[
            "input",
            "dense",
            "leaky_relu",
            "dense",
            "silu",
            "dense",
            "residual",
            "repeat",
            "concat",
            "dense",
        ],
    };
    const DECLARATION: ::network_core::Declaration = ::network_core::Declaration {
        source: "",
        places: &[],
    };
    const REMEDIES: &'static [::network_core::flow::Remedy] = &[];
    const CHUNK: usize = ::network_core::__private::chunk(
        <Symbolic as ::network_core::Layer>::INFER_SCRATCH,
        ::core::mem::size_of::<f32>(),
    );
    type Footprint = ::network_core::__private::Footprint<
        { ::core::mem::size_of::<Symbolic>() <= ::network_core::__private::STACK_LIMIT },
    >;
    type SampleScratch = [f32; <Symbolic as ::network_core::Layer>::INFER_SCRATCH];
    type ChunkScratch = [[f32; <Symbolic as ::network_core::Layer>::INFER_SCRATCH]; <Symbolic as ::network_core::Network>::CHUNK];
    type Scratch = [f32; <Symbolic as ::network_core::Layer>::SCRATCH];
}
