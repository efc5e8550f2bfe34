//! What users bring themselves: layers, activations, nested networks, constants, attributes, and
//! the place where they declare a network.

use network_core::bytemuck::{Pod, Zeroable};
use network_core::kernels::SimdPath;
use network_core::prelude::*;
use network_core::{
    Generator, Layer, Name, Parameter, ParameterKind, ParameterMut, Pass, Sample, Visitor,
    VisitorMut,
};
use network_tests::check_gradients;
use network_tests::custom::{InverseSquareRoot, Swish, SwishConfig};

/// `y = U V x`, a linear map of rank 2 from 5 to 4: two parameters, and scratch memory.
#[derive(Clone, Copy, Debug, PartialEq, Zeroable)]
#[bytemuck(crate = "network_core::bytemuck")]
#[repr(C)]
struct LowRank {
    u: SMatrix<f64, 4, 2>,
    v: SMatrix<f64, 2, 5>,
}

#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[bytemuck(crate = "network_core::bytemuck")]
#[repr(C)]
struct LowRankGradient {
    u: SMatrix<f64, 4, 2>,
    v: SMatrix<f64, 2, 5>,
}

impl Layer for LowRank {
    type Scalar = f64;
    type Input = SVector<f64, 5>;
    type Output = SVector<f64, 4>;
    type Config = f64;
    type Gradient = LowRankGradient;
    type Cache<const BATCH: usize> = ();
    const INFER_SCRATCH: usize = 2;
    const SCRATCH: usize = 2;

    fn initialize(&mut self, config: &f64, _generator: &mut Generator) {
        self.u.fill(*config);
        self.v.fill(*config);
    }

    fn infer(
        &self,
        _path: SimdPath,
        x: &[Self::Input],
        y: &mut [Self::Output],
        scratch: &mut [f64],
    ) {
        for (sample, (x, y)) in x.iter().zip(y).enumerate() {
            // Where the macro promised memory, for every sample.
            let hidden = &mut scratch[2 * sample..2 * sample + 2];
            hidden.copy_from_slice((self.v * x).as_slice());
            *y = self.u * SVector::<f64, 2>::from_column_slice(hidden);
        }
    }

    fn forward<const BATCH: usize>(
        &self,
        pass: &mut Pass<'_>,
        x: &[Self::Input],
        y: &mut [Self::Output],
        (): &mut (),
        scratch: &mut [f64],
    ) {
        Layer::infer(self, pass.path, x, y, scratch);
    }

    fn backward<const BATCH: usize>(
        &self,
        pass: &mut Pass<'_>,
        x: &[Self::Input],
        _y: &[Self::Output],
        d_y: &[Self::Output],
        d_x: Option<&mut [Self::Input]>,
        (): &mut (),
        gradient: &mut LowRankGradient,
        _scratch: &mut [f64],
    ) {
        if !pass.accumulate {
            *gradient = Zeroable::zeroed();
        }
        for (x, d_y) in x.iter().zip(d_y) {
            gradient.u += d_y * (self.v * x).transpose();
            gradient.v += self.u.transpose() * d_y * x.transpose();
        }
        for (d_x, d_y) in d_x.into_iter().flatten().zip(d_y) {
            *d_x = self.v.transpose() * (self.u.transpose() * d_y);
        }
    }

    fn visit(&self, visitor: &mut dyn Visitor<f64>) {
        let kind = ParameterKind::Weight;
        let (u, v) = (self.u.as_slice(), self.v.as_slice());
        visitor.parameter(Parameter {
            name: "u",
            kind,
            shape: &[4, 2],
            value: u,
        });
        visitor.parameter(Parameter {
            name: "v",
            kind,
            shape: &[2, 5],
            value: v,
        });
    }

    fn visit_mut(&mut self, visitor: &mut dyn VisitorMut<f64>) {
        let kind = ParameterKind::Weight;
        let (u, v) = (self.u.as_mut_slice(), self.v.as_mut_slice());
        visitor.parameter(ParameterMut {
            name: "u",
            kind,
            shape: &[4, 2],
            value: u,
        });
        visitor.parameter(ParameterMut {
            name: "v",
            kind,
            shape: &[2, 5],
            value: v,
        });
    }
}

network! {
    #[derive(Clone, Debug)]
    struct Own(3) -> 2 {
        scalar = f64;
        dense(5) -> activation(InverseSquareRoot);
        narrow: layer(LowRank, output = 4, config = 0.5);
        swish: layer(Swish<f64, 4>);
        repeat(2) {
            residual { layer(Swish<f64, 4>, config = SwishConfig { beta: 0.5 }) -> dense(4) };
        }
        activation(InverseSquareRoot, config = InverseSquareRoot { steepness: 2.0 }) -> dense(2);
    }
}

#[test]
fn own_layers_and_activations_have_right_gradients() {
    check_gradients::<Own>(1, 20);
}

#[test]
fn own_layers_start_as_configured() {
    let net = Own::new(1);
    assert_eq!(net.narrow.u, SMatrix::<f64, 4, 2>::repeat(0.5));
    assert_eq!(net.swish.beta, SVector::<f64, 4>::repeat(1.0));
    assert_eq!(net.repeat_1[1].layer_1.beta[0], 0.5);
}

#[test]
fn own_layers_are_counted_and_listed() {
    let dense = (3 * 5 + 5) + (4 * 4 + 4) * 2 + (4 * 2 + 2);
    assert_eq!(Own::PARAMETERS, dense + (4 * 2 + 2 * 5) + 4 + 4 * 2);
    let row = Own::LAYERS
        .iter()
        .find(|layer| layer.name == "narrow")
        .expect("a row");
    assert_eq!((row.input, row.output, row.parameters), ("5", "4", 18));
    assert_eq!(row.layer, "layer(LowRank, output = 4, config = 0.5)");
}

mod parts {
    //! Networks for others to hold.
    use network_core::network;

    network! {
        pub(crate) struct Encoder(6) -> 4 {
            scalar = f64;
            dense(5) -> batch_norm -> gelu -> dense(4) -> dropout(0.2);
        }
    }

    network! {
        pub(crate) struct Same(4) -> 4 {
            scalar = f64;
            inner: repeat(2) { residual { dense(4) -> layer_norm -> silu }; }
        }
    }
}

network! {
    struct Nested(6) -> 3 {
        scalar = f64;
        encoder: parts::Encoder;
        middle: repeat(3) { parts::Same -> softplus; }
        residual { parts::Same };
        again: parts::Same -> concat(encoder, input) -> dense(3);
    }
}

#[test]
fn nested_networks_have_right_gradients() {
    check_gradients::<Nested>(2, 20);
}

#[test]
fn nested_networks_are_named_after_their_fields() {
    struct Names(Vec<&'static str>, Vec<String>);
    impl<T> Visitor<T> for Names {
        fn enter(&mut self, name: Name) {
            self.0.push(match name {
                Name::Field(field) => field,
                Name::Index(_) => "*",
            });
        }
        fn leave(&mut self) {
            self.0.pop();
        }
        fn parameter(&mut self, parameter: Parameter<'_, T>) {
            self.1
                .push(format!("{}.{}", self.0.join("."), parameter.name));
        }
    }
    let mut names = Names(Vec::new(), Vec::new());
    Layer::visit(&*Nested::boxed(1), &mut names);
    assert_eq!(names.1[0], "encoder.dense_1.weight");
    assert!(
        names
            .1
            .iter()
            .any(|name| name == "middle.*.same_1.inner.*.dense_1.bias")
    );
    assert!(
        names
            .1
            .iter()
            .any(|name| name == "again.inner.*.layer_norm_1.weight"),
        "{:?}",
        names.1
    );
}

#[test]
fn a_nested_network_computes_what_it_computes_alone() {
    network! {
        struct Alone(6) -> 4 {
            scalar = f64;
            part: parts::Encoder;
        }
    }
    let net = Alone::boxed(3);
    let x = SVector::from_fn(|i, _| (i as f64).sin());
    assert_eq!(net.predict(&x), net.part.predict(&x));
}

const WIDTH: usize = 6;
const DEPTH: usize = 2;
const RATE: f64 = 0.25;
const SLOPE: f64 = 0.1;

struct Sizes;
impl Sizes {
    const INPUT: usize = 5;
}

const fn half(size: usize) -> usize {
    size / 2
}

network! {
    struct Symbolic(Sizes::INPUT) -> half(WIDTH) {
        scalar = f64;
        stem: dense(WIDTH) -> leaky_relu(SLOPE) -> dropout(RATE);
        blocks: repeat(DEPTH) {
            residual(scale = 1.0 / DEPTH as f64) { dense(2 * WIDTH + 1) -> tanh -> dense(WIDTH) };
        }
        residual(project = true) { dense(WIDTH - 2) -> sigmoid };
        concat(stem, input) -> dense(WIDTH) -> add(stem) -> dense(half(WIDTH));
    }
}

#[test]
fn sizes_may_be_constants() {
    check_gradients::<Symbolic>(3, 20);
    let blocks = DEPTH * (6 * 13 + 13 + 13 * 6 + 6);
    let projection = (6 * 4 + 4) * 2;
    let tail = (15 * 6 + 6) + (6 * 3 + 3);
    assert_eq!(Symbolic::PARAMETERS, 5 * 6 + 6 + blocks + projection + tail);
    assert_eq!(<Symbolic as Layer>::Input::LEN, 5);
    assert_eq!(<Symbolic as Layer>::Output::LEN, 3);
}

#[test]
fn constants_reach_the_layers() {
    let net = Symbolic::new(1);
    assert_eq!(net.stem_dropout.rate, RATE);
    assert_eq!(net.stem_leaky_relu.function.slope, SLOPE);
}

#[test]
fn a_network_may_be_declared_in_a_function() {
    const LOCAL: usize = 3;
    use network_core as nc;
    nc::network! {
        #[derive(Clone, Copy, Debug, PartialEq)]
        struct Local(LOCAL) -> 1 {
            scalar = f64;
            repeat(2) { dense(LOCAL) -> relu; }
            dense(1);
        }
    }
    check_gradients::<Local>(4, 20);
}

mod renamed {
    //! The core crate under another name, and nothing else imported.
    use network_core as nc;

    nc::network! {
        #[derive(Clone, Debug)]
        pub(super) struct Renamed(2) -> 2 {
            scalar = f64;
            residual { dense(3) -> batch_norm -> elu -> dense(2) };
        }
    }

    // Names that generated code must not stumble over.
    #[allow(dead_code, non_camel_case_types)]
    mod shadowed {
        use super::nc;
        struct Option;
        struct Some;
        struct Box;
        struct usize_;
        trait Clone {}
        trait Debug {}
        mod core {}
        mod std {}
        mod network_core {}
        mod bytemuck {}
        mod nalgebra {}

        nc::network! {
            pub(crate) struct Shadowed(2) -> 2 {
                scalar = f64;
                input_copy: dense(3) -> concat(input) -> dense(2);
                residual { dense(3) -> batch_norm -> elu -> dense(2) };
                repeat(2) { dense(2) -> dropout(0.5); }
            }
        }
    }
    pub(super) use shadowed::Shadowed;
}

#[test]
fn the_core_crate_may_have_another_name() {
    check_gradients::<renamed::Renamed>(5, 20);
    check_gradients::<renamed::Shadowed>(6, 20);
}

mod scope {
    //! Two networks whose parts have the same names.
    use network_core::network;

    network! {
        /// One.
        #[derive(Clone, Debug)]
        pub(super) struct First(2) -> 2 { blocks: repeat(2) { part: dense(2) -> tanh; } }
    }
    network! {
        /// The other.
        #[derive(Clone, Debug)]
        pub(super) struct Second(2) -> 2 { blocks: repeat(3) { part: dense(2) -> gelu; } }
    }
}

#[test]
fn two_networks_share_a_scope() {
    assert_eq!(scope::First::new(1).blocks.len(), 2);
    assert_eq!(scope::Second::new(1).blocks.len(), 3);
    assert_eq!(scope::First::LAYERS[0].name, "blocks.*.part");
}

#[test]
fn labels_may_be_names_that_generated_code_uses() {
    network! {
        struct Awkward(3) -> 2 {
            scalar = f64;
            x: dense(3) -> tanh;
            y: dense(3) -> softplus;
            cache: dense(4) -> batch_norm;
            scratch: dense(3) -> add(x);
            gradient: dense(3) -> concat(y, cache);
            n: dense(3) -> dropout(0.5);
            path: residual { d_x: dense(3) -> tanh };
            slot_1: dense(3) -> add(n);
            r#type: dense(3) -> layer_norm;
            pass: repeat(2) { self_: dense(3); generator: dense(3) -> add(self_); }
            pass_gradient: repeat(1) { dense(3); }
            own_cache: repeat(1) { dense(3); }
            visitor: dense(2);
        }
    }
    check_gradients::<Awkward>(7, 20);
    assert!(Awkward::LAYERS.iter().any(|layer| layer.name == "type"));
}

#[test]
fn attributes_reach_the_network_and_its_blocks() {
    let net = network_tests::declared::Strict::new(1);
    let same = net.clone();
    assert_eq!(net, same);
    assert_ne!(net, network_tests::declared::Strict::new(2));
    assert!(format!("{net:?}").starts_with("Strict { stem: Dense"));
    assert!(format!("{:?}", net.blocks[0]).starts_with("StrictBlocks {"));
}
