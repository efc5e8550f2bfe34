//! Messages about arguments: sizes, numbers, flags, initialisers, the user's own layers.

use super::body_says;
use expect_test::expect;

#[test]
fn sizes() {
    body_says(
        "dense() -> dense(4);",
        expect![[r"
        `dense` needs `units`, a positive integer
        help: write `dense(64)`"]],
    );
    body_says(
        "dense -> dense(4);",
        expect![[r"
        `dense` needs `units`, a positive integer
        help: write `dense(64)`"]],
    );
    body_says(
        "dense(0) -> dense(4);",
        expect![[r"
        a size of 0 holds nothing
        help: use at least 1"]],
    );
    body_says(
        "dense(-6) -> dense(4);",
        expect![[r"
        a size cannot be negative, found `-6`
        help: write a positive integer, arithmetic on integers, or a constant"]],
    );
    body_says(
        "dense(2 - 6) -> dense(4);",
        expect![[r"
        `2 - 6` is not a positive number
        help: write a positive integer, arithmetic on integers, or a constant"]],
    );
    body_says(
        "dense(6 / 0) -> dense(4);",
        expect![[r"
        `6 / 0` is not a positive number
        help: write a positive integer, arithmetic on integers, or a constant"]],
    );
    body_says(
        "dense(1 << 3) -> dense(4);",
        expect![[r"
        `1 << 3` is not arithmetic on sizes
        help: write a positive integer, arithmetic on integers, or a constant"]],
    );
    body_says(
        "dense(\"6\") -> dense(4);",
        expect![[r#"
        expected a size, found `"6"`
        help: write a positive integer, arithmetic on integers, or a constant"#]],
    );
    body_says(
        "dense(6.0) -> dense(4);",
        expect![[r"
        expected a size, found `6.0`
        help: write a positive integer, arithmetic on integers, or a constant"]],
    );
    body_says(
        "dense(99999999999999999999) -> dense(4);",
        expect![[r"
        `99999999999999999999` is too big for a size
        help: write a positive integer, arithmetic on integers, or a constant"]],
    );
    body_says(
        "dense([6]) -> dense(4);",
        expect![[r"
        expected a size, found `[6]`
        help: write a positive integer, arithmetic on integers, or a constant"]],
    );
    body_says(
        "dense(Vec<f32>) -> dense(4);",
        expect![[r"
        expected a value for `units`, found a type
        help: write a number, a constant, or another expression"]],
    );
    body_says(
        "dense(6, 7) -> dense(4);",
        expect![[r"
        unexpected argument `7` of `dense`
        help: `dense` takes `units`, `bias`, `init`, `bias_init`"]],
    );
    body_says(
        "dense(6, units = 6) -> dense(4);",
        expect![[r"
        `units` of `dense` is given twice
        help: leave one out"]],
    );
    body_says(
        "dense(units = 6, units = 6) -> dense(4);",
        expect![[r"
        `units` of `dense` is given twice
        help: leave one out"]],
    );
    body_says(
        "repeat { relu; } dense(4);",
        expect![[r"
        `repeat` needs `count`, a positive integer
        help: write `repeat(3) { .. }`"]],
    );
    body_says(
        "repeat(0) { relu; } dense(4);",
        expect![[r"
        a size of 0 holds nothing
        help: use at least 1"]],
    );
}

#[test]
fn numbers_and_flags() {
    body_says(
        "dropout(1.0); dense(4);",
        expect![[r"
        `rate` of `dropout` must be at least 0 and below 1, found 1.0
        help: write `rate = 0.5`, the default, or another number that is at least 0 and below 1"]],
    );
    body_says(
        "dropout(-0.1); dense(4);",
        expect![[r"
        `rate` of `dropout` must be at least 0 and below 1, found -0.1
        help: write `rate = 0.5`, the default, or another number that is at least 0 and below 1"]],
    );
    body_says(
        "batch_norm(momentum = 1.5); dense(4);",
        expect![[r"
        `momentum` of `batch_norm` must be between 0 and 1, found 1.5
        help: write `momentum = 0.1`, the default, or another number that is between 0 and 1"]],
    );
    body_says(
        "batch_norm(epsilon = 0); dense(4);",
        expect![[r"
        `epsilon` of `batch_norm` must be above 0, found 0.0
        help: write `epsilon = 1e-5`, the default, or another number that is above 0"]],
    );
    body_says(
        "layer_norm(scale = 1e999); dense(4);",
        expect![[r"
        `scale` of `layer_norm` must be finite, found inf
        help: write `scale = 1.0`, the default, or another number that is finite"]],
    );
    body_says(
        "leaky_relu(-0.1); dense(4);",
        expect![[r"
        `slope` of `leaky_relu` must be at least 0, found -0.1
        help: write `slope = 0.01`, the default, or another number that is at least 0"]],
    );
    body_says(
        "elu(0.0); dense(4);",
        expect![[r"
        `alpha` of `elu` must be above 0, found 0.0
        help: write `alpha = 1.0`, the default, or another number that is above 0"]],
    );
    body_says(
        "dropout(true); dense(4);",
        expect![[r"
        expected a number for `rate`, found `true`
        help: write `rate = 0.5`"]],
    );
    body_says(
        "dropout(\"0.5\"); dense(4);",
        expect![[r#"
        expected a number for `rate`, found `"0.5"`
        help: write `rate = 0.5`"#]],
    );
    body_says(
        "residual(scale = 1 / 0) { relu }; dense(4);",
        expect![[r"
        `scale` of `residual` must be finite, found inf
        help: write `scale = 1.0`, the default, or another number that is finite"]],
    );
    body_says(
        "dense(6, bias = 0) -> dense(4);",
        expect![[r"
        expected `true` or `false` for `bias`, found `0`
        help: write `bias = false`"]],
    );
    body_says(
        "residual(project = maybe) { relu }; dense(4);",
        expect![[r"
        expected `true` or `false` for `project`, found `maybe`
        help: write `project = true`"]],
    );
    body_says(
        "residual(0.5) { relu }; dense(4);",
        expect![[r"
        unexpected argument `0.5` of `residual`
        help: `residual` takes `scale`, `project`"]],
    );
}

#[test]
fn initialisers() {
    body_says(
        "dense(4, init = constant);",
        expect![[r"
        `constant` needs `value`
        help: write `constant(0.1)`"]],
    );
    body_says(
        "dense(4, init = uniform(-1.0));",
        expect![[r"
        `uniform` needs `high`
        help: write `uniform(-0.1, 0.1)`"]],
    );
    body_says(
        "dense(4, init = normal(0.0, wide = 1.0));",
        expect![[r"
        `normal` needs `standard_deviation`
        help: write `normal(0.0, 0.1)`"]],
    );
    body_says(
        "dense(4, init = constant(\"0\"));",
        expect![[r#"
        expected a number for `value`, found `"0"`
        help: write `constant(.., value = 1.0)`"#]],
    );
    body_says(
        "dense(4, init = he_normal(fan = out));",
        expect![[r"
        expected `fan_in` or `fan_out`, found `out`
        help: write `he_normal(fan = fan_out)`"]],
    );
    body_says(
        "dense(4, init = he_normal(gain = true));",
        expect![[r"
        expected a number for `gain`, found `true`
        help: write `he_normal(.., gain = 1.0)`"]],
    );
    body_says(
        "dense(4, init = zeros(1));",
        expect![[r"
        unexpected argument `1` of `zeros`
        help: leave it out"]],
    );
    body_says(
        "dense(4, init = lecun_normal(gain = 2.0));",
        expect![[r"
        unexpected argument `gain = 2.0` of `lecun_normal`
        help: leave it out"]],
    );
    body_says(
        "dense(4, init = xavier_uniform(1.0, 2.0));",
        expect![[r"
        unexpected argument `2.0` of `xavier_uniform`
        help: leave it out"]],
    );
    body_says(
        "dense(4, init = my::init);",
        expect![[r"
        expected an initialiser, found `my::init`
        help: known initialisers: zeros, constant, uniform, normal, xavier_uniform, xavier_normal, glorot_uniform, glorot_normal, he_uniform, he_normal, kaiming_uniform, kaiming_normal, lecun_uniform, lecun_normal, orthogonal, pytorch_default, auto"]],
    );
}

#[test]
fn own_layers() {
    body_says(
        "layer -> dense(4);",
        expect![[r"
        `layer` needs the type of a layer
        help: implement `Layer` for a type and write `layer(MyLayer, output = 16)`"]],
    );
    body_says(
        "layer() -> dense(4);",
        expect![[r"
        `layer` needs the type of a layer
        help: implement `Layer` for a type and write `layer(MyLayer, output = 16)`"]],
    );
    body_says(
        "layer(Mine, output = 0) -> dense(4);",
        expect![[r"
        a size of 0 holds nothing
        help: use at least 1"]],
    );
    body_says(
        "layer(Mine, outputs = 6) -> dense(4);",
        expect![[r"
        `layer` has no argument `outputs`
        help: did you mean `output`?  known arguments: config, output, type"]],
    );
    body_says(
        "activation -> dense(4);",
        expect![[r"
        `activation` needs the type of a function
        help: implement `Activation` for a type and write `activation(MyFunction)`"]],
    );
    body_says(
        "activation(Mine, config = Vec<f32>) -> dense(4);",
        expect![[r"
        expected a value for `config`, found a type
        help: write a number, a constant, or another expression"]],
    );
    body_says(
        "Dense(4) -> dense(4);",
        expect![[r"
        `Dense` with arguments is no network
        help: for the layer, write `dense(..)`"]],
    );
    body_says(
        "Encoder(4) -> dense(4);",
        expect![[r#"
            unexpected argument `4` of `Encoder`
            help: `Encoder` takes `output`"#]],
    );
    body_says(
        "Encoder { relu; } dense(4);",
        expect![[r"
        `Encoder` has no `{ .. }`
        help: only `residual` and `repeat` hold layers"]],
    );
}
