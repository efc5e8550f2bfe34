//! Messages about sequences: what needs one, what needs none, their cells, gates and padding.

use super::{body_says, says};
use expect_test::expect;

/// Asserts what is said of these statements in a network from 10 steps of 3 to 4.
#[track_caller]
fn sequence_says(body: &str, expected: expect_test::Expect) {
    says(
        &format!("#[gradient_flow(allow)] pub struct Net([3; 10]) -> 4 {{ {body} }}"),
        expected,
    );
}

#[test]
fn a_sequence_where_there_is_none() {
    body_says(
        "gru(4) -> dense(4);",
        expect![[r#"
        `gru` needs a sequence, but the input produces a vector of 8
        help: declare it as a sequence: `[8; 100]` is 100 steps of 8 features"#]],
    );
    body_says(
        "dense(6) -> lstm(4); dense(4);",
        expect![[r#"
            `lstm` needs a sequence, but `dense` produces a vector of 6
            help: insert `reshape([features; steps])` before it, or declare the input as a sequence, such as `[8; 100]`"#]],
    );
    body_says(
        "rnn(4, activation = sigmoid);",
        expect![[r#"
        `rnn` has the activation `tanh` or `relu`, found `sigmoid`
        help: write `activation = tanh`, the default, or `activation = relu`
        `rnn` needs a sequence, but the input produces a vector of 8
        help: declare it as a sequence: `[8; 100]` is 100 steps of 8 features"#]],
    );
    body_says(
        "last -> dense(4);",
        expect![[r#"
        `last` needs a sequence, but the input produces a vector of 8
        help: declare it as a sequence: `[8; 100]` is 100 steps of 8 features"#]],
    );
    body_says(
        "mean_over_steps -> dense(4);",
        expect![[r#"
        `mean_over_steps` needs a sequence, but the input produces a vector of 8
        help: declare it as a sequence: `[8; 100]` is 100 steps of 8 features"#]],
    );
    body_says(
        "mask(input) -> dense(4);",
        expect![[r#"
        `mask` needs a sequence, but the input produces a vector of 8
        help: start from a sequence, such as the input `[8; 100]` of 100 steps of 8 features"#]],
    );
    sequence_says(
        "gru(5) -> last -> lstm(4) -> dense(4);",
        expect![[r#"
        `lstm` needs a sequence, but `last` produces a vector of 5
        help: move it before that layer, which leaves one step only"#]],
    );
    sequence_says(
        "flatten -> gru(5) -> dense(4);",
        expect![[r#"
        `gru` needs a sequence, but `flatten` produces a vector of 30
        help: move it before `flatten`, which forgets what a step is"#]],
    );
    says(
        "struct Net(1, 8, 8) -> 4 { gru(4) -> last; }",
        expect![[r#"
        `gru` needs a sequence, but the input produces an image of 1 x 8 x 8 (channels x height x width)
        help: declare it as a sequence: `[8; 100]` is 100 steps of 8 features"#]],
    );
}

#[test]
fn a_sequence_where_a_vector_is_wanted() {
    sequence_says(
        "gru(4);",
        expect![[r#"
        the network ends with a sequence of 10 steps of 4 features, but `-> 4` was declared
        help: end with `last` or `mean_over_steps`, or declare `-> [4; 10]`"#]],
    );
    sequence_says(
        "gru(5) -> dense(7);",
        expect![[r#"
        the network ends with a sequence of 10 steps of 7 features, but `-> 4` was declared
        help: end with `last -> dense(4)`, or declare `-> [7; 10]`"#]],
    );
    sequence_says("gru(5) -> concat(input) -> last -> dense(4);", expect![""]);
    says(
        "struct Net([3; 10]) -> [4; 9] { gru(4); }",
        expect![[r#"
        the network ends with a sequence of 10 steps of 4 features, but `-> [4; 9]` was declared
        help: end with a layer that produces `[4; 9]`, or declare `-> [4; 10]`"#]],
    );
}

#[test]
fn cells() {
    sequence_says(
        "gru -> last -> dense(4);",
        expect![[r#"
        `gru` needs `units`, a positive integer
        help: write `gru(32)`"#]],
    );
    sequence_says(
        "rnn(4, activation = gelu) -> last;",
        expect![[r#"
        `rnn` has the activation `tanh` or `relu`, found `gelu`
        help: write `activation = tanh`, the default, or `activation = relu`"#]],
    );
    sequence_says("lstm(4, forget_bias = open) -> last;", expect![""]);
    sequence_says(
        "lstm(4, bias = false, forget_bias = 1.0) -> last;",
        expect![[r#"
            `forget_bias` sets a bias, but `bias = false` leaves them out
            help: leave one of the two out"#]],
    );
    sequence_says(
        "gru(4, forget_bias = 1.0) -> last;",
        expect![[r#"
            `gru` has no argument `forget_bias`
            help: known arguments: bias, bias_init, bidirectional, init, padding, recurrent_init, truncate, units, update_bias"#]],
    );
    sequence_says(
        "gru(4, truncate = 0) -> last;",
        expect![[r#"
        a size of 0 holds nothing
        help: use at least 1"#]],
    );
    sequence_says(
        "gru(4, init = auto) -> last;",
        expect![[r#"
        `init = auto` has no meaning for `gru`
        help: write `init = xavier_uniform` and `recurrent_init = orthogonal`, the defaults"#]],
    );
    sequence_says(
        "gru(4, bidirectional = 1) -> last;",
        expect![[r#"
        expected `true` or `false` for `bidirectional`, found `1`
        help: write `bidirectional = true`"#]],
    );
}

#[test]
fn gates_and_padding() {
    body_says(
        "a: dense(6); dense(4) -> multiply(a);",
        expect![[r#"
        `multiply` needs equal shapes, but `a` is a vector of 6 and `dense` produces a vector of 4
        help: insert `dense(6)` before `multiply(a)`"#]],
    );
    body_says(
        "multiply(b) -> dense(4);",
        expect![[r#"
        unknown label `b`
        help: known labels: input"#]],
    );
    sequence_says(
        "a: gru(4); last -> multiply(a);",
        expect![[r#"
        `multiply` needs equal shapes, but `a` is a sequence of 10 steps of 4 features and `last` produces a vector of 4
        help: let both have the shape `[4; 10]`"#]],
    );
    sequence_says(
        "a: gru(4); gru(5) -> multiply(a) -> last -> dense(4);",
        expect![[r#"
            `multiply` needs equal shapes, but `a` is a sequence of 10 steps of 4 features and `gru` produces a sequence of 10 steps of 5 features
            help: insert `dense(4)` before `multiply(a)`"#]],
    );
    sequence_says(
        "gru(4) -> last(padding = 3);",
        expect![[r#"
        `padding` takes the label of a sequence, found `3`
        help: write `padding = input`, or label the statement that makes the padded sequence"#]],
    );
    sequence_says(
        "gru(4) -> last(padding = nothing);",
        expect![[r#"
        unknown label `nothing`
        help: known labels: input"#]],
    );
    sequence_says(
        "a: last -> dense(4) -> mask(input);",
        expect![[r#"
        `mask` needs a sequence, but `dense` produces a vector of 4
        help: start from a sequence, such as the input `[8; 100]` of 100 steps of 8 features"#]],
    );
    sequence_says(
        "a: gru(4) -> mask(input, input) -> last;",
        expect![[r#"
        `mask` takes one label
        help: leave the others out"#]],
    );
    sequence_says(
        "lstm(4, bidirectional = true) -> dense(4) -> last(padding = input);",
        expect![[r#"
            `lstm` looks ahead into the padding of `input`
            help: write `lstm(4, bidirectional = true, padding = input)`"#]],
    );
    sequence_says(
        "gru(3) -> rnn(4, bidirectional = true, bias = false, padding = input) -> mean_over_steps(padding = input) -> dense(4);",
        expect![""],
    );
    sequence_says(
        "gru(4, padding = input) -> last;",
        expect![[r#"
        `gru` runs from the first step to the last, and does not see padding at the end
        help: leave `padding = input` out, and write it where steps come together: `last(padding = input)`"#]],
    );
    sequence_says(
        "gru(4, bidirectional = true, padding = 3) -> last -> dense(4);",
        expect![[r#"
            `padding` takes the label of a sequence, found `3`
            help: write `padding = input`, or label the statement that makes the padded sequence"#]],
    );
    sequence_says(
        "max_pool1d(2) -> gru(4, bidirectional = true, padding = input) -> last -> dense(4);",
        expect![[r#"
            `gru` needs as many steps, but `input` is a sequence of 10 steps of 3 features and `max_pool1d` produces a sequence of 5 steps of 3 features
            help: name a sequence of as many steps"#]],
    );
    sequence_says(
        "conv1d(6, kernel = 3, padding = 1) -> relu; conv1d(4, kernel = 3, padding = 1) -> last(padding = input);",
        expect![[r#"
            `conv1d` looks ahead into the padding of `input`
            help: insert `mask(input)` before it, or write `padding = causal` in it"#]],
    );
    sequence_says(
        "conv1d(6, kernel = 3, padding = 1) -> relu -> mask(input); conv1d(4, kernel = 3, padding = 1) -> last(padding = input);",
        expect![""],
    );
    sequence_says(
        "conv1d(6, kernel = 3, padding = causal) -> relu; conv1d(4, kernel = 3, padding = causal) -> last(padding = input);",
        expect![""],
    );
    sequence_says(
        "gru(6); max_pool1d(3, stride = 1, padding = 1) -> mean_over_steps(padding = input) -> dense(4);",
        expect![[r#"
            `max_pool1d` looks ahead into the padding of `input`
            help: use `conv1d` with `padding = causal`, which looks back only"#]],
    );
    sequence_says(
        "gru(6); repeat(2) { residual { gru(3, bidirectional = true) } } last(padding = input) -> dense(4);",
        expect![[r#"
            `gru` looks ahead into the padding of `input`
            help: write `gru(3, bidirectional = true, padding = input)`"#]],
    );
    says(
        "struct Net(4) -> [2; 2] { a: dense(6); reshape([2; 3]) -> rnn(2) -> mask(a) -> flatten -> dense(4) -> reshape([2; 2]); }",
        expect![[r#"
            `mask` looks for padding in a sequence, but `a` is a vector of 6
            help: name a sequence, such as `input`"#]],
    );
}
