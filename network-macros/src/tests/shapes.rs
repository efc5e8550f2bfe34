//! What declarations become: names, shapes, numbers of parameters, initial values.

use super::resolved;
use crate::model::Network;
use expect_test::{Expect, expect};

fn network(declaration: &str) -> Network {
    resolved(declaration)
        .unwrap_or_else(|messages| panic!("{declaration}\n{}", messages.join("\n")))
}

/// One line for each field of each block, the network itself last.
fn fields(declaration: &str) -> String {
    let network = network(declaration);
    let blocks = network.blocks.iter().flat_map(|block| {
        block.fields.iter().map(|field| {
            let layer = &field.layer;
            let parameters = layer.parameters.map_or("?".to_owned(), |n| n.to_string());
            format!(
                "{}.{}: {} -> {}, {parameters}: {}",
                block.name, field.name, field.input, layer.output, layer.declared
            )
        })
    });
    blocks.collect::<Vec<_>>().join("\n")
}

#[track_caller]
fn has_fields(declaration: &str, expected: Expect) {
    expected.assert_eq(&fields(declaration));
}

#[test]
fn widths_flow_from_layer_to_layer() {
    has_fields(
        "struct Net(8) -> 4 { dense(6, bias = false) -> batch_norm -> relu -> dropout(0.1) -> dense(5) -> layer_norm -> prelu; dense(4) -> softmax; }",
        expect![[r"
            Net.dense_1: 8 -> 6, 48: dense(6, bias = false)
            Net.batch_norm_1: 6 -> 6, 12: batch_norm
            Net.relu_1: 6 -> 6, 0: relu
            Net.dropout_1: 6 -> 6, 0: dropout(0.1)
            Net.dense_2: 6 -> 5, 35: dense(5)
            Net.layer_norm_1: 5 -> 5, 10: layer_norm
            Net.prelu_1: 5 -> 5, 1: prelu
            Net.dense_3: 5 -> 4, 24: dense(4)
            Net.softmax_1: 4 -> 4, 0: softmax"]],
    );
}

#[test]
fn fields_are_named_after_labels_and_words() {
    has_fields(
        "struct Net(8) -> 8 {
            stem: dense(8) -> tanh -> dense(8) -> tanh;
            dense(8) -> tanh;
            dense_1: dense(8);
            residual { inner: dense(8) -> tanh; dense(8); };
            block: residual { dense(8) -> dense(8); tanh; };
            stem_tanh_2: relu;
            r#type: dense(8);
        }",
        expect![[r"
            Net.stem: 8 -> 8, 72: dense(8)
            Net.stem_tanh: 8 -> 8, 0: tanh
            Net.stem_dense: 8 -> 8, 72: dense(8)
            Net.stem_tanh_3: 8 -> 8, 0: tanh
            Net.dense_2: 8 -> 8, 72: dense(8)
            Net.tanh_1: 8 -> 8, 0: tanh
            Net.dense_1: 8 -> 8, 72: dense(8)
            Net.inner: 8 -> 8, 72: dense(8)
            Net.inner_tanh: 8 -> 8, 0: tanh
            Net.dense_3: 8 -> 8, 72: dense(8)
            Net.block_dense: 8 -> 8, 72: dense(8)
            Net.block_dense_2: 8 -> 8, 72: dense(8)
            Net.block_tanh: 8 -> 8, 0: tanh
            Net.stem_tanh_2: 8 -> 8, 0: relu
            Net.r#type: 8 -> 8, 72: dense(8)"]],
    );
}

#[test]
fn skips_join_widths() {
    has_fields(
        "struct Net(8) -> 4 {
            a: dense(6);
            b: dense(5) -> concat(a, input);
            c: dense(6) -> add(a) -> add(a);
            residual { dense(6) };
            residual(project = true) { dense(3) };
            concat(b) -> dense(4);
        }",
        expect![[r"
            Net.a: 8 -> 6, 54: dense(6)
            Net.b: 6 -> 5, 35: dense(5)
            Net.c: 19 -> 6, 120: dense(6)
            Net.dense_1: 6 -> 6, 42: dense(6)
            Net.dense_2: 6 -> 3, 21: dense(3)
            Net.project_1: 6 -> 3, 21: dense(3)
            Net.dense_3: 22 -> 4, 92: dense(4)"]],
    );
}

#[test]
fn repeats_are_blocks_of_their_own() {
    has_fields(
        "struct Net(8) -> 8 {
            blocks: repeat(2 * 3) {
                dense(9);
                inner: repeat(4) { residual { dense(9) } -> relu; }
                dense(8) -> add(input);
            }
            repeat(2) { tanh; }
            gradient: repeat(1) { dense(8); }
        }",
        expect![[r"
            NetBlocksInner.dense_1: 9 -> 9, 90: dense(9)
            NetBlocksInner.relu_1: 9 -> 9, 0: relu
            NetBlocks.dense_1: 8 -> 9, 81: dense(9)
            NetBlocks.inner: 9 -> 9, 360: repeat(4)
            NetBlocks.dense_2: 9 -> 8, 80: dense(8)
            NetRepeat1.tanh_1: 8 -> 8, 0: tanh
            NetGradientBlock.dense_1: 8 -> 8, 72: dense(8)
            Net.blocks: 8 -> 8, 3126: repeat(6)
            Net.repeat_1: 8 -> 8, 0: repeat(2)
            Net.gradient: 8 -> 8, 72: repeat(1)"]],
    );
}

#[test]
fn images_and_sequences_keep_their_shape() {
    has_fields(
        "struct Net(3, 4, 4) -> 2 { relu -> dropout(0.2); residual { tanh }; flatten -> dense(2); }",
        expect![[r"
            Net.relu_1: (3, 4, 4) -> (3, 4, 4), 0: relu
            Net.dropout_1: (3, 4, 4) -> (3, 4, 4), 0: dropout(0.2)
            Net.tanh_1: (3, 4, 4) -> (3, 4, 4), 0: tanh
            Net.dense_1: 48 -> 2, 98: dense(2)"]],
    );
    has_fields(
        "struct Net([8; 100]) -> [8; 100] { gelu; }",
        expect!["Net.gelu_1: [8; 100] -> [8; 100], 0: gelu"],
    );
    has_fields(
        "struct Net(1, 2, 2) -> (1, 2, 2) { gelu; }",
        expect!["Net.gelu_1: (1, 2, 2) -> (1, 2, 2), 0: gelu"],
    );
    has_fields(
        "struct Net([8; 100]) -> 2 { flatten -> dense(2); }",
        expect!["Net.dense_1: 800 -> 2, 1602: dense(2)"],
    );
}

#[test]
fn sizes_may_be_computed() {
    has_fields(
        "struct Net((2 + 1) * 3) -> 14 / 4 { dense(N) -> relu; dense(2 * N + 1); concat(input) -> dense(sizes::half(N)); dense(7 % 4); }",
        expect![[r"
            Net.dense_1: 9 -> N, ?: dense(N)
            Net.relu_1: N -> N, 0: relu
            Net.dense_2: N -> 2 * N + 1, ?: dense(2 * N + 1)
            Net.dense_3: 2 * N + 1 + 9 -> sizes::half(N), ?: dense(sizes::half(N))
            Net.dense_4: sizes::half(N) -> 3, ?: dense(7 % 4)"]],
    );
}

#[test]
fn equal_sizes_are_recognised() {
    // The compiler checks what the macro cannot know, and nothing else.
    let checks = |declaration| network(declaration).checks.len();
    assert_eq!(
        checks("struct Net(8) -> 4 { residual { dense(8) }; dense(4); }"),
        0
    );
    assert_eq!(
        checks("struct Net(N) -> M { residual { dense(N) }; dense(M); }"),
        0
    );
    assert_eq!(
        checks("struct Net(N) -> M { residual { dense(8) }; dense(M); }"),
        1
    );
    assert_eq!(
        checks(
            "struct Net(8) -> 4 { residual { dense(N) }; a: dense(M) -> add(input); repeat(2) { dense(4); } }"
        ),
        3
    );
    // Scalar and input; for a layer with `output`, that too.
    assert_eq!(checks("struct Net(8) -> 4 { Encoder -> dense(4); }"), 2);
    assert_eq!(
        checks("struct Net(8) -> 4 { layer(Mine, output = 6) -> dense(4); }"),
        3
    );
}

#[test]
fn initial_values_fit_what_follows() {
    let weight = |statements: &str| {
        let network = network(&format!("struct Net(8) -> 4 {{ {statements} dense(4); }}"));
        let config = network.blocks[0].fields[0].layer.config.to_string();
        let config: String = config.split_whitespace().collect();
        let start = config.find("weight:").expect("a weight");
        let end = config.find(",bias:").expect("a bias");
        config[start..end]
            .replace("weight:::network_core::init::", "")
            .replace("::network_core::init::", "")
    };
    let he = |gain: f64| format!("Init::HeNormal{{gain:{gain:?},fan:Fan::FanIn}}");
    let xavier = "Init::XavierUniform{gain:1.0}";
    let sqrt_2 = std::f64::consts::SQRT_2;
    for activation in [
        "relu",
        "gelu",
        "gelu_tanh",
        "silu",
        "swish",
        "elu",
        "mish",
        "relu6",
        "hard_swish",
    ] {
        assert_eq!(
            weight(&format!("dense(6) -> {activation};")),
            he(sqrt_2),
            "{activation}"
        );
    }
    for activation in [
        "sigmoid",
        "tanh",
        "softsign",
        "identity",
        "hard_tanh",
        "hard_sigmoid",
    ] {
        assert_eq!(
            weight(&format!("dense(6) -> {activation};")),
            xavier,
            "{activation}"
        );
    }
    assert_eq!(weight("dense(6) -> selu;"), "Init::LecunNormal");
    assert_eq!(weight("dense(6) -> leaky_relu(1.0);"), he(1.0));
    // Norms and dropout are looked through, also to the next statement and out of a residual.
    assert_eq!(
        weight("dense(6) -> batch_norm -> dropout(0.1); layer_norm -> relu;"),
        he(sqrt_2)
    );
    assert_eq!(
        weight("residual { dense(8) -> batch_norm } -> relu;"),
        he(sqrt_2)
    );
    assert_eq!(weight("dense(6); dense(6) -> relu;"), xavier);
    // What is written goes first: at the layer, then for all that follow.
    assert_eq!(weight("init = zeros; dense(6) -> relu;"), "Init::Zeros");
    assert_eq!(
        weight("init = zeros; dense(6, init = constant(2)) -> relu;"),
        "Init::Constant(2.0)"
    );
    assert_eq!(
        weight("init = glorot_normal(gain = 2); dense(6) -> relu;"),
        "Init::XavierNormal{gain:2.0}"
    );
    assert_eq!(
        weight("dense(6, init = normal(0, standard_deviation = 0.5));"),
        "Init::Normal{mean:0.0,standard_deviation:0.5}"
    );
    assert_eq!(
        weight("dense(6, init = he_uniform(fan = fan_out)) -> tanh;"),
        format!("Init::HeUniform{{gain:{sqrt_2},fan:Fan::FanOut}}")
    );
    assert_eq!(
        weight("dense(6, init = orthogonal) -> relu;"),
        format!("Init::Orthogonal{{gain:{sqrt_2}}}")
    );
    assert_eq!(
        weight("dense(6, init = orthogonal) -> tanh;"),
        "Init::Orthogonal{gain:1.0}"
    );
}
