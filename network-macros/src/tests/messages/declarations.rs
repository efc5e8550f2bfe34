//! Messages about declarations as a whole: heads, shapes, bodies, and how many mistakes are reported.

use super::{body_says, says};
use expect_test::expect;

#[test]
fn heads_that_cannot_be_read() {
    says(
        "",
        expect![[r"
        unexpected end of input, expected `struct`
        help: a network is declared as `pub struct Name(64) -> 10 { .. }`"]],
    );
    says(
        "pub enum Net(8) -> 4 { dense(4); }",
        expect![[r"
        expected `struct`
        help: a network is declared as `pub struct Name(64) -> 10 { .. }`"]],
    );
    says(
        "struct Net -> 4 { dense(4); }",
        expect![[r"
        expected the shape of the input
        help: a network is declared as `pub struct Name(64) -> 10 { .. }`"]],
    );
    says(
        "struct Net(8) { dense(4); }",
        expect![[r"
        expected `->` and the shape of the output
        help: a network is declared as `pub struct Name(64) -> 10 { .. }`"]],
    );
    says(
        "struct Net(8) -> { dense(4); }",
        expect![[r"
        expected the shape of the output
        help: a network is declared as `pub struct Name(64) -> 10 { .. }`"]],
    );
    says(
        "struct Net(8) ->",
        expect![[r"
        unexpected end of input, expected the shape of the output
        help: a network is declared as `pub struct Name(64) -> 10 { .. }`"]],
    );
    says(
        "struct Net { dense(4); }",
        expect![[r"
        expected the shape of the input
        help: a network is declared as `pub struct Name(64) -> 10 { .. }`"]],
    );
    says(
        "struct Net(8) -> 4;",
        expect![[r"
        expected `{` and the layers
        help: a network is declared as `pub struct Name(64) -> 10 { .. }`"]],
    );
    says(
        "struct A(8) -> 4 { dense(4); } struct B(8) -> 4 { dense(4); }",
        expect![[r"
        unexpected token after the network
        help: declare each network in a `network!` of its own"]],
    );
}

#[test]
fn shapes_of_the_head() {
    says(
        "struct Net(8, 8) -> 4 { dense(4); }",
        expect![[r"
        a shape has 1 size (a vector) or 3 (an image), found 2
        help: write `(64)` for a vector, `(1, 28, 28)` for channels, height and width, or `[8; 100]` for 100 steps of 8 features"]],
    );
    says(
        "struct Net() -> 4 { dense(4); }",
        expect![[r"
        a shape has 1 size (a vector) or 3 (an image), found 0
        help: write `(64)` for a vector, `(1, 28, 28)` for channels, height and width, or `[8; 100]` for 100 steps of 8 features"]],
    );
    says(
        "struct Net(0) -> 4 { dense(4); }",
        expect![[r"
        a size of 0 holds nothing
        help: use at least 1"]],
    );
    says(
        "struct Net(8) -> 0 { dense(4); }",
        expect![[r"
        a size of 0 holds nothing
        help: use at least 1"]],
    );
    says(
        "struct Net(\"8\") -> (4, -1, 2) { dense(4); }",
        expect![[r#"
        expected a size, found `"8"`
        help: write a positive integer, arithmetic on integers, or a constant
        a size cannot be negative, found `-1`
        help: write a positive integer, arithmetic on integers, or a constant"#]],
    );
    says(
        "struct Net([8; 0]) -> 4 { flatten -> dense(4); }",
        expect![[r"
        a size of 0 holds nothing
        help: use at least 1"]],
    );
    says(
        "struct Net(28, 28, 1) -> 10 { conv2d(8, 3); flatten; dense(10); }",
        expect![[r#"
            `(28, 28, 1)` is 28 channels of 28 x 1
            help: channels come first: write `(1, 28, 28)` for an image of 28 x 28
            the kernel of `conv2d` is larger than the image: the width would be (1 + 2*0 - 3)/1 + 1 = -1
            help: write `kernel = 1` or less, or `padding = 1`"#]],
    );
    says(
        "struct Net[8] -> 4 { dense(4); }",
        expect![[r#"
        unexpected end of input, expected `;` and the steps of a sequence
        help: write `[8; 100]` for a sequence of 100 steps, or `(8)` for a vector"#]],
    );
    says(
        "struct Net([8, 100]) -> 4 { last -> dense(4); }",
        expect![[r#"
            features and steps of a sequence are separated by `;`
            help: write `[8; 100]`"#]],
    );
    says(
        "struct Net(8; 100) -> 4 { last -> dense(4); }",
        expect![[r#"
            a vector or an image has no `;`
            help: write `[8; ..]` for a sequence"#]],
    );
    says(
        "struct Net([8; 100]) -> [4; 100] { dense(4); last; }",
        expect![[r#"
            the network ends with a vector of 4, but `-> [4; 100]` was declared
            help: leave out what makes a vector of the sequence, such as `last`, or declare `-> 4`"#]],
    );
}

#[test]
fn shapes_that_do_not_fit() {
    says(
        "struct Net(8) -> 4 { dense(5); }",
        expect![[r"
        the network ends with a vector of 5, but `-> 4` was declared
        help: end with `dense(4)`, or declare `-> 5`"]],
    );
    says(
        "struct Net(8) -> (1, 2, 2) { dense(4); }",
        expect![[r"
        the network ends with a vector of 4, but `-> (1, 2, 2)` was declared
        help: end with a layer that produces `(1, 2, 2)`, or declare `-> 4`"]],
    );
    says(
        "struct Net(8) -> [2; 2] { dense(4); }",
        expect![[r#"
            the network ends with a vector of 4, but `-> [2; 2]` was declared
            help: end with a layer that produces `[2; 2]`, or declare `-> 4`"#]],
    );
    says(
        "struct Net(1, 2, 4) -> 4 { dense(4); }",
        expect![[r"
        `dense` needs a vector, but the input produces an image of 1 x 2 x 4 (channels x height x width)
        help: insert `flatten` before it"]],
    );
    says(
        "struct Net([2; 4]) -> 4 { tanh -> batch_norm; dense(4); }",
        expect![[r#"
            the network ends with a sequence of 4 steps of 4 features, but `-> 4` was declared
            help: end with `last` or `mean_over_steps`, or declare `-> [4; 4]`"#]],
    );
    says(
        "struct Net(1, 2, 4) -> 4 { image: relu; flatten -> concat(image) -> dense(4); }",
        expect![[r#"
            `concat` needs shapes of one kind, but `image` is an image of 1 x 2 x 4 (channels x height x width) and `flatten` produces a vector of 8
            help: label a vector, such as what follows `flatten`"#]],
    );
    says(
        "struct Net(1, 2, 4) -> 4 { concat(input) -> dense(4); }",
        expect![[r#"
            `dense` needs a vector, but `concat` produces an image of 2 x 2 x 4 (channels x height x width)
            help: insert `flatten` before it"#]],
    );
    body_says(
        "residual { dense(5) } -> dense(4);",
        expect![[r"
        `residual` adds its input, a vector of 8, to what its layers end with, a vector of 5
        help: end its layers with `dense(8)`, or write `residual(project = true)`"]],
    );
    body_says(
        "repeat(2) { dense(5); } dense(4);",
        expect![[r#"
            `repeat` starts with a vector of 8, but each round ends with a vector of 5
            help: end each round with `dense(8)`, or put `dense(5)` before the `repeat`"#]],
    );
    body_says(
        "a: dense(5); dense(4) -> add(a);",
        expect![[r"
        `add` needs equal shapes, but `a` is a vector of 5 and `dense` produces a vector of 4
        help: insert `dense(5)` before `add(a)`, or use `concat(a)`"]],
    );
    says(
        "struct Net(1, 2, 4) -> 4 { a: relu; flatten -> add(a) -> dense(4); }",
        expect![[r"
        `add` needs equal shapes, but `a` is an image of 1 x 2 x 4 (channels x height x width) and `flatten` produces a vector of 8
        help: label a vector, such as what follows `flatten`"]],
    );
}

#[test]
fn empty_bodies() {
    body_says(
        "",
        expect![[r"
        `Net` has no layers
        help: write at least one, such as `dense(10);`"]],
    );
    body_says(
        "residual {} -> dense(4);",
        expect![[r"
        `residual` holds no layers
        help: write `residual { dense(64) -> relu }`"]],
    );
    body_says(
        "residual -> dense(4);",
        expect![[r"
        `residual` holds no layers
        help: write `residual { dense(64) -> relu }`"]],
    );
    body_says(
        "repeat(2) {} dense(4);",
        expect![[r"
        `repeat` holds no layers
        help: write `repeat(3) { dense(64) -> relu; }`"]],
    );
    body_says(
        "repeat(2) { init = zeros; } dense(4);",
        expect![[r"
        `repeat` holds no layers
        help: write `repeat(3) { dense(64) -> relu; }`"]],
    );
    body_says(
        "dense(4) { relu; }",
        expect![[r"
        `dense` has no `{ .. }`
        help: only `residual` and `repeat` hold layers"]],
    );
    body_says(
        "relu { relu; } dense(4);",
        expect![[r"
        `relu` has no `{ .. }`
        help: only `residual` and `repeat` hold layers"]],
    );
}

#[test]
fn all_mistakes_are_reported_at_once() {
    body_says(
        "scalar = f16;
        a: dens(6) -> relu(1);
        dense(6, unit = 3);
        residual { dense(5) };
        b: dense(0) -> add(c);
        repeat(2) { dense(8); residual { dense(6) -> tanh }; }
        dense(3);",
        expect![[r#"
            unknown scalar `f16`
            help: write `scalar = f32` or `scalar = f64`
            unknown layer `dens`
            help: did you mean `dense`?  known layers: activation, add, avg_pool1d, avg_pool2d, batch_norm, concat, conv1d, conv2d, conv_transpose2d, dense, dropout, elu, embedding, flatten, gelu, gelu_tanh, global_avg_pool, gru, hard_sigmoid, hard_swish, hard_tanh, identity, last, layer, layer_norm, leaky_relu, lstm, mask, max_pool1d, max_pool2d, mean_over_steps, mish, multiply, prelu, relu, relu6, repeat, reshape, residual, rnn, selu, sigmoid, silu, softmax, softplus, softsign, swish, tanh, upsample
            unexpected argument `1` of `relu`
            help: `relu` takes no arguments: write `relu`
            `dense` has no argument `unit`
            help: did you mean `units`?  known arguments: bias, bias_init, init, units
            a size of 0 holds nothing
            help: use at least 1
            unknown label `c`
            help: known labels: a, input
            `residual` adds its input, a vector of 8, to what its layers end with, a vector of 6
            help: end its layers with `dense(8)`, or write `residual(project = true)`
            the network ends with a vector of 3, but `-> 4` was declared
            help: end with `dense(4)`, or declare `-> 3`"#]],
    );
}

#[test]
fn one_mistake_is_reported_once() {
    // What cannot be read is a layer of unknown width, with its label.
    body_says(
        "stem: dense(6) relu; add(stem) -> residual { tanh }; repeat(2) { tanh; }",
        expect![[r#"
            expected `;` or `->` after `dense`
            help: layers are joined with `->`, and a statement ends with `;`"#]],
    );
    body_says(
        "dense(6, ,); repeat(2) { relu relu; } softmax;",
        expect![[r#"
            expected an expression
            expected `;` or `->` after `relu`
            help: layers are joined with `->`, and a statement ends with `;`"#]],
    );
    body_says(
        "residual { = } -> dense(4);",
        expect![[r"
        expected a layer
        help: write a layer such as `dense(64)` or `relu`"]],
    );
    body_says(
        "dens(6); repeat(2) { dense(8) -> add(input); } dense(4);",
        expect![[r#"
            unknown layer `dens`
            help: did you mean `dense`?  known layers: activation, add, avg_pool1d, avg_pool2d, batch_norm, concat, conv1d, conv2d, conv_transpose2d, dense, dropout, elu, embedding, flatten, gelu, gelu_tanh, global_avg_pool, gru, hard_sigmoid, hard_swish, hard_tanh, identity, last, layer, layer_norm, leaky_relu, lstm, mask, max_pool1d, max_pool2d, mean_over_steps, mish, multiply, prelu, relu, relu6, repeat, reshape, residual, rnn, selu, sigmoid, silu, softmax, softplus, softsign, swish, tanh, upsample"#]],
    );
    // What follows from a wrong width is not another mistake.
    body_says(
        "a: dens(6); add(a) -> residual { relu } -> batch_norm; concat(a) -> dense(4);",
        expect![[r#"
            unknown layer `dens`
            help: did you mean `dense`?  known layers: activation, add, avg_pool1d, avg_pool2d, batch_norm, concat, conv1d, conv2d, conv_transpose2d, dense, dropout, elu, embedding, flatten, gelu, gelu_tanh, global_avg_pool, gru, hard_sigmoid, hard_swish, hard_tanh, identity, last, layer, layer_norm, leaky_relu, lstm, mask, max_pool1d, max_pool2d, mean_over_steps, mish, multiply, prelu, relu, relu6, repeat, reshape, residual, rnn, selu, sigmoid, silu, softmax, softplus, softsign, swish, tanh, upsample"#]],
    );
    body_says(
        "repeat(2) { dens(8); } residual { tanh } -> dense(4);",
        expect![[r#"
            unknown layer `dens`
            help: did you mean `dense`?  known layers: activation, add, avg_pool1d, avg_pool2d, batch_norm, concat, conv1d, conv2d, conv_transpose2d, dense, dropout, elu, embedding, flatten, gelu, gelu_tanh, global_avg_pool, gru, hard_sigmoid, hard_swish, hard_tanh, identity, last, layer, layer_norm, leaky_relu, lstm, mask, max_pool1d, max_pool2d, mean_over_steps, mish, multiply, prelu, relu, relu6, repeat, reshape, residual, rnn, selu, sigmoid, silu, softmax, softplus, softsign, swish, tanh, upsample"#]],
    );
    body_says(
        "a: dense(7, bias = no); b: dense(7) -> add(a); dense(4);",
        expect![[r"
        expected `true` or `false` for `bias`, found `no`
        help: write `bias = false`"]],
    );
}
