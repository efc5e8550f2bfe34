//! Expansions, printed as code, for people to read: is this what one would write by hand?
//!
//! After a deliberate change run `UPDATE_EXPECT=1 cargo test -p network-macros` and read the
//! difference.

use expect_test::expect_file;

/// The declaration as a comment, and its expansion.
fn expansion(declaration: &str) -> String {
    let code = syn::parse2(crate::expand(super::input(declaration))).expect("items");
    let head = declaration
        .trim()
        .lines()
        .map(|line| format!("// {line}").trim_end().to_owned());
    let head: Vec<String> = head.collect();
    format!("{}\n\n{}", head.join("\n"), prettyplease::unparse(&code))
}

macro_rules! snapshots {
    ($($name:ident: $declaration:literal)*) => {
        $(
            #[test]
            fn $name() {
                let file = concat!("../snapshots/", stringify!($name), ".rs");
                expect_file![file].assert_eq(&expansion($declaration));
            }
        )*
    };
}

snapshots! {
    plain: "
/// Reads a digit.
#[derive(Clone, Debug)]
pub struct Plain(64) -> 10 {
    hidden: dense(32) -> relu;
    dense(16) -> tanh;
    head: dense(10);
}
"
    residual_in_repeat: "
#[derive(Clone, Debug)]
pub struct Deep(64) -> 10 {
    init = he_normal;
    stem: dense(64) -> batch_norm -> relu;
    blocks: repeat(16) {
        residual { dense(64) -> batch_norm -> relu -> dense(64) -> batch_norm(scale = 0.0) } -> relu;
    }
    head: dense(10);
}
"
    long_skips: "
struct Skips(8) -> 4 {
    scalar = f64;
    a: dense(6) -> gelu;
    b: dense(6) -> sigmoid -> add(a);
    c: concat(a, input) -> dense(6) -> add(b);
    dense(4);
}
"
    nested_and_custom: "
pub(crate) struct Mixed(12) -> 2 {
    encoder: parts::Encoder;
    own: layer(Swish<f32, 8>, output = 8, config = SwishConfig { beta: 0.5 });
    activation(Bump) -> dense(2);
}
"
    constants: "
struct Symbolic(sizes::INPUT) -> OUTPUT {
    stem: dense(WIDTH) -> leaky_relu(SLOPE);
    repeat(DEPTH) { residual(scale = 1.0 / DEPTH as f64) { dense(2 * WIDTH) -> silu -> dense(WIDTH) }; }
    concat(input) -> dense(OUTPUT);
}
"
    norms_and_dropout: "
struct Normed(10) -> 3 {
    dense(20, bias = false) -> batch_norm(momentum = 0.05, epsilon = 1e-3) -> relu -> dropout(0.2);
    dense(20, init = orthogonal, bias_init = constant(0.1)) -> layer_norm -> prelu -> dropout(0.1);
    dense(3) -> softmax;
}
"
    projection: "
struct Projected(16) -> 4 {
    residual(scale = 0.5, project = true) { dense(8) -> relu -> dense(8) } -> relu;
    dense(4);
}
"
    sequences: "
struct Stream([3; 20]) -> [2; 20] {
    first: gru(5) -> tanh;
    gate: dense(7) -> sigmoid;
    dense(7) -> multiply(gate) -> mask(input);
    repeat(2) { residual { lstm(7, forget_bias = chrono) } };
    dense(2);
}
"
    wrong: "
/// Has three mistakes.
#[derive(Clone, Debug)]
pub struct Wrong(16) -> 4 {
    dens(8) -> dense(16);
    residual { dense(8) -> tanh };
    dense(4, units = 5);
}
"
}
