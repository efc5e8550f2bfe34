//! Messages about statements: what cannot be read, unknown words, settings, labels.

use super::{body_says, says};
use expect_test::expect;

#[test]
fn statements_that_cannot_be_read() {
    body_says(
        "dense(4) relu; dense(4);",
        expect![[r#"
            expected `;` or `->` after `dense`
            help: layers are joined with `->`, and a statement ends with `;`"#]],
    );
    body_says(
        "dense(6) -> ; dense(4);",
        expect![[r"
        expected a layer
        help: write a layer such as `dense(64)` or `relu`"]],
    );
    body_says(
        "64; dense(4);",
        expect![[r"
        expected a layer
        help: write a layer such as `dense(64)` or `relu`"]],
    );
    body_says(
        "a b: dense(4); dense(4);",
        expect![[r#"
            expected `;` or `->` after `a`
            help: layers are joined with `->`, and a statement ends with `;`"#]],
    );
    body_says("dense(6, ,); dense(4);", expect!["expected an expression"]);
    body_says(
        "#[inline] dense(4);",
        expect![[r"
        this attribute has no meaning on a statement
        help: only `#[gradient_flow(allow)]` stands here; the optimizer is the whole network's"]],
    );
    body_says(
        "#[gradient_flow(warn)] dense(4);",
        expect![[r"
        this attribute has no meaning on a statement
        help: only `#[gradient_flow(allow)]` stands here; the optimizer is the whole network's"]],
    );
    says(
        "#[gradient_flow(loud)] struct Net(8) -> 4 { dense(4); }",
        expect![[r"
        `gradient_flow` takes `note`, `warn`, `deny` or `allow`, and `optimizer = ..`
        help: write `#[gradient_flow(allow)]` to silence predictions, or `#[gradient_flow(optimizer = adam)]` to have them judged for Adam"]],
    );
    says(
        "#[gradient_flow(optimiser = adam)] struct Net(8) -> 4 { dense(4); }",
        expect![[r#"
            `gradient_flow` has no setting `optimiser`
            help: did you mean `optimizer`?  known settings: optimizer"#]],
    );
}

#[test]
fn unknown_words() {
    body_says(
        "dens(6); dense(4);",
        expect![[r#"
            unknown layer `dens`
            help: did you mean `dense`?  known layers: activation, add, avg_pool1d, avg_pool2d, batch_norm, concat, conv1d, conv2d, conv_transpose2d, dense, dropout, elu, embedding, flatten, gelu, gelu_tanh, global_avg_pool, gru, hard_sigmoid, hard_swish, hard_tanh, identity, last, layer, layer_norm, leaky_relu, lstm, mask, max_pool1d, max_pool2d, mean_over_steps, mish, multiply, prelu, relu, relu6, repeat, reshape, residual, rnn, selu, sigmoid, silu, softmax, softplus, softsign, swish, tanh, upsample"#]],
    );
    body_says(
        "transformer; dense(4);",
        expect![[r#"
            unknown layer `transformer`
            help: known layers: activation, add, avg_pool1d, avg_pool2d, batch_norm, concat, conv1d, conv2d, conv_transpose2d, dense, dropout, elu, embedding, flatten, gelu, gelu_tanh, global_avg_pool, gru, hard_sigmoid, hard_swish, hard_tanh, identity, last, layer, layer_norm, leaky_relu, lstm, mask, max_pool1d, max_pool2d, mean_over_steps, mish, multiply, prelu, relu, relu6, repeat, reshape, residual, rnn, selu, sigmoid, silu, softmax, softplus, softsign, swish, tanh, upsample"#]],
    );
    body_says(
        "dense(6) -> ReLU -> BatchNorm1d -> dense(4);",
        expect![[r"
        unknown layer `ReLU`
        help: did you mean `relu`?  a network of this name is written `self::ReLU`
        unknown layer `BatchNorm1d`
        help: did you mean `batch_norm`?  a network of this name is written `self::BatchNorm1d`"]],
    );
    body_says(
        "Linear(6); linear(4);",
        expect![[r"
        `Linear` with arguments is no network
        help: for the layer, write `dense(..)`
        unknown layer `linear`
        help: did you mean `dense`?"]],
    );
    body_says(
        "conv2d(8, kernel_size = 3); skip { dense(6) } dense(4, init = xavier);",
        expect![[r#"
            `conv2d` needs `kernel`, a size or a pair of sizes
            help: write `conv2d(16, kernel = 3)`
            `conv2d` has no argument `kernel_size`
            help: did you mean `kernel`?  known arguments: bias, bias_init, channels, depthwise, dilation, groups, init, kernel, padding, stride
            `conv2d` needs an image, but the input produces a vector of 8
            help: insert `reshape(1, 1, 8)` before it, or sizes with that product
            unknown layer `skip`
            help: did you mean `residual`?  known layers: activation, add, avg_pool1d, avg_pool2d, batch_norm, concat, conv1d, conv2d, conv_transpose2d, dense, dropout, elu, embedding, flatten, gelu, gelu_tanh, global_avg_pool, gru, hard_sigmoid, hard_swish, hard_tanh, identity, last, layer, layer_norm, leaky_relu, lstm, mask, max_pool1d, max_pool2d, mean_over_steps, mish, multiply, prelu, relu, relu6, repeat, reshape, residual, rnn, selu, sigmoid, silu, softmax, softplus, softsign, swish, tanh, upsample
            unknown initialiser `xavier`
            help: did you mean `xavier_uniform`?  known initialisers: auto, constant, glorot_normal, glorot_uniform, he_normal, he_uniform, kaiming_normal, kaiming_uniform, lecun_normal, lecun_uniform, normal, orthogonal, pytorch_default, uniform, xavier_normal, xavier_uniform, zeros"#]],
    );
    body_says(
        "parts::encoder; dense(4);",
        expect![[r#"
            unknown layer `parts::encoder`
            help: known layers: activation, add, avg_pool1d, avg_pool2d, batch_norm, concat, conv1d, conv2d, conv_transpose2d, dense, dropout, elu, embedding, flatten, gelu, gelu_tanh, global_avg_pool, gru, hard_sigmoid, hard_swish, hard_tanh, identity, last, layer, layer_norm, leaky_relu, lstm, mask, max_pool1d, max_pool2d, mean_over_steps, mish, multiply, prelu, relu, relu6, repeat, reshape, residual, rnn, selu, sigmoid, silu, softmax, softplus, softsign, swish, tanh, upsample"#]],
    );
    body_says(
        "dense(6, unit = 3); dense(4);",
        expect![[r"
        `dense` has no argument `unit`
        help: did you mean `units`?  known arguments: bias, bias_init, init, units"]],
    );
    body_says(
        "batch_norm(momentun = 0.1); dense(4);",
        expect![[r"
        `batch_norm` has no argument `momentun`
        help: did you mean `momentum`?  known arguments: epsilon, momentum, scale, shift"]],
    );
    body_says(
        "relu(slope = 0.1); dense(4);",
        expect![[r"
        `relu` has no argument `slope`
        help: `relu` takes no arguments: write `relu`"]],
    );
    body_says(
        "inti = zeros; dense(4);",
        expect![[r"
        unknown setting `inti`
        help: did you mean `init`?  known settings: init, scalar"]],
    );
    body_says(
        "scalar = f16; dense(4);",
        expect![[r"
        unknown scalar `f16`
        help: write `scalar = f32` or `scalar = f64`"]],
    );
    body_says(
        "scalar = 32; dense(4);",
        expect![[r"
        unknown scalar `32`
        help: write `scalar = f32` or `scalar = f64`"]],
    );
    body_says(
        "dense(4, init = he_norml);",
        expect![[r"
        unknown initialiser `he_norml`
        help: did you mean `he_normal`?  known initialisers: auto, constant, glorot_normal, glorot_uniform, he_normal, he_uniform, kaiming_normal, kaiming_uniform, lecun_normal, lecun_uniform, normal, orthogonal, pytorch_default, uniform, xavier_normal, xavier_uniform, zeros"]],
    );
    body_says(
        "dense(4, bias_init = random);",
        expect![[r"
        unknown initialiser `random`
        help: known initialisers: auto, constant, glorot_normal, glorot_uniform, he_normal, he_uniform, kaiming_normal, kaiming_uniform, lecun_normal, lecun_uniform, normal, orthogonal, pytorch_default, uniform, xavier_normal, xavier_uniform, zeros"]],
    );
    body_says(
        "init = \"zeros\"; dense(4);",
        expect![[r#"
        expected an initialiser, found `"zeros"`
        help: known initialisers: zeros, constant, uniform, normal, xavier_uniform, xavier_normal, glorot_uniform, glorot_normal, he_uniform, he_normal, kaiming_uniform, kaiming_normal, lecun_uniform, lecun_normal, orthogonal, pytorch_default, auto"#]],
    );
}

#[test]
fn ways_of_other_libraries() {
    body_says(
        "dense[6]; dense(4);",
        expect![[r#"
        arguments stand in round brackets
        help: write `dense(6)`"#]],
    );
    body_says(
        "repeat 3 { dense(8) } dense(4);",
        expect![[r#"
        arguments stand in round brackets
        help: write `repeat(3)`"#]],
    );
    body_says(
        "dense(6), relu; dense(4);",
        expect![[r#"
        layers are joined with `->`, not with `,`
        help: write it as in `dense(64) -> relu;`"#]],
    );
    body_says(
        "dense(6).relu(); dense(4);",
        expect![[r#"
        layers are joined with `->`, not with `.`
        help: write it as in `dense(64) -> relu;`"#]],
    );
    body_says(
        "nn.Linear(6); dense(4);",
        expect![[r#"
        layers are joined with `->`, not with `.`
        help: write it as in `dense(64) -> relu;`"#]],
    );
    body_says(
        "stem = dense(6); dense(4);",
        expect![[r#"
        unknown setting `stem`
        help: a statement is labelled with a colon: write `stem: dense(6);`"#]],
    );
    body_says(
        "let stem = dense(6); dense(4);",
        expect![[r#"
        `let` has no meaning here
        help: a statement is labelled with a colon, as in `stem: dense(64);`"#]],
    );
    body_says(
        "dense(6) -> activation(relu) -> dense(4);",
        expect![[r#"
        `relu` is a layer, not the type of a function
        help: write `relu` alone"#]],
    );
    body_says(
        "dense(4, activation = \"softmax\");",
        expect![[r#"
        `dense` has no argument `activation`
        help: an activation follows its layer: write `dense(..) -> softmax`"#]],
    );
    body_says(
        "dense(4, in_features = 8);",
        expect![[r#"
        `dense` has no argument `in_features`
        help: leave it out: it follows from what comes before"#]],
    );
    body_says(
        "bidirectional(lstm(16)); dense(4);",
        expect![[r#"
        unknown layer `bidirectional`
        help: write `lstm(16, bidirectional = true)`, or the same of `gru` and `rnn`"#]],
    );
    says(
        "struct Net([8; 10]) -> 4 { lstm(16, num_layers = 2, return_sequences = false); conv(3, kernel = 3); last -> dense(4); }",
        expect![[r#"
            `lstm` has no argument `num_layers`
            help: stack them: write `lstm(..) -> lstm(..)`
            `lstm` has no argument `return_sequences`
            help: a sequence stays one: write `-> last` after it for the last step alone
            unknown layer `conv`
            help: did you mean `conv1d`?  known layers: activation, add, avg_pool1d, batch_norm, concat, conv1d, dense, dropout, elu, embedding, flatten, gelu, gelu_tanh, global_avg_pool, gru, hard_sigmoid, hard_swish, hard_tanh, identity, last, layer, layer_norm, leaky_relu, lstm, mask, max_pool1d, mean_over_steps, mish, multiply, prelu, relu, relu6, repeat, reshape, residual, rnn, selu, sigmoid, silu, softmax, softplus, softsign, swish, tanh, upsample"#]],
    );
    says(
        "struct Net(1, 28, 28) -> 4 { maxpool(2); max_pool2d(2, 2); flatten; dense(4); }",
        expect![[r#"
            unknown layer `maxpool`
            help: did you mean `max_pool2d`?  known layers: activation, add, avg_pool2d, batch_norm, concat, conv2d, conv_transpose2d, dense, dropout, elu, embedding, flatten, gelu, gelu_tanh, global_avg_pool, gru, hard_sigmoid, hard_swish, hard_tanh, identity, last, layer, layer_norm, leaky_relu, lstm, mask, max_pool2d, mean_over_steps, mish, multiply, prelu, relu, relu6, repeat, reshape, residual, rnn, selu, sigmoid, silu, softmax, softplus, softsign, swish, tanh, upsample
            unexpected argument `2` of `max_pool2d`
            help: `max_pool2d` takes `kernel`, `stride`, `padding`; a second size may be `stride = 2`"#]],
    );
}

#[test]
fn labels_inside_labelled_repeats() {
    body_says(
        "all: repeat(2) { inside: dense(8); } add(inside) -> dense(4);",
        expect![[r"
        label `inside` is inside of a `repeat`, once in each copy
        help: use `all` for what its last copy ends with"]],
    );
}

#[test]
fn settings_in_the_wrong_place() {
    body_says(
        "scalar = f32; scalar = f64; dense(4);",
        expect![[r"
        `scalar` is set twice
        help: leave one out"]],
    );
    body_says(
        "dense(6); scalar = f64; dense(4);",
        expect![[r"
        `scalar` is set after the first layer
        help: move it to the top: a network has one number type"]],
    );
    body_says(
        "repeat(2) { scalar = f64; relu; } dense(4);",
        expect![[r"
        `scalar` is set after the first layer
        help: move it to the top: a network has one number type"]],
    );
    body_says(
        "softmax; dense(4);",
        expect![[r"
        `softmax` is not the last layer
        help: move `softmax` to the end, or use an activation such as `tanh` here"]],
    );
    body_says(
        "repeat(2) { relu -> softmax; } dense(4);",
        expect![[r"
        `softmax` is not the last layer
        help: move `softmax` to the end, or use an activation such as `tanh` here"]],
    );
}

#[test]
fn labels() {
    body_says(
        "a: dense(6); a: dense(4);",
        expect![[r"
        label `a` is used twice
        help: call this one `a_2`, say
        label `a` is first used here"]],
    );
    body_says(
        "input: dense(4);",
        expect![[r"
        `input` is the label of the input itself
        help: choose another label"]],
    );
    body_says(
        "add(b); b: dense(4);",
        expect![[r"
        label `b` is declared later
        help: only earlier statements can be used: move the labelled one up"]],
    );
    body_says(
        "stem: dense(8); add(stme) -> dense(4);",
        expect![[r"
        unknown label `stme`
        help: did you mean `stem`?  known labels: input, stem"]],
    );
    body_says(
        "stem: dense(8); repeat(2) { dense(8) -> add(stem); } dense(4);",
        expect![[r"
        label `stem` is outside of this `repeat`
        help: a repeated block sees its own labels only: use `input`, the block's input, or move this out of `repeat`"]],
    );
    body_says(
        "repeat(2) { inside: dense(8); } add(inside) -> dense(4);",
        expect![[r"
        label `inside` is inside of a `repeat`, once in each copy
        help: label the `repeat`, as in `blocks: repeat(3) { .. }`, for what its last copy ends with"]],
    );
    says(
        "struct Net(1, 2, 4) -> 4 { flatten -> add(input) -> dense(4); }",
        expect![[r"
        `add` needs equal shapes, but `input` is an image of 1 x 2 x 4 (channels x height x width) and `flatten` produces a vector of 8
        help: label a vector, such as what follows `flatten`"]],
    );
    says(
        "struct Net(1, 2, 4) -> 4 { flat: flatten -> relu; add(input) -> dense(4); }",
        expect![[r"
        `add` needs equal shapes, but `input` is an image of 1 x 2 x 4 (channels x height x width) and `flat` produces a vector of 8
        help: label a vector, such as what follows `flatten`"]],
    );
    body_says(
        "add -> dense(4);",
        expect![[r"
        `add` needs at least one label
        help: label an earlier statement, as in `stem: dense(64);`, and write `add(stem)`"]],
    );
    body_says(
        "concat(4) -> dense(4);",
        expect![[r"
        `concat` takes labels of earlier statements, found `4`
        help: label a statement, as in `stem: dense(64);`, and write `concat(stem)`"]],
    );
    body_says(
        "a: dense(8) -> add(a) -> dense(4);",
        expect![[r"
        label `a` is declared later
        help: only earlier statements can be used: move the labelled one up"]],
    );
    body_says(
        "a: dense(8); add(a, scale = 2) -> dense(4);",
        expect![[r"
        `add` takes labels of earlier statements, found `2`
        help: label a statement, as in `stem: dense(64);`, and write `add(stem)`"]],
    );
}
