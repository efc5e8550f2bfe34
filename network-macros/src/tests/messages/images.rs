//! Messages about images and what moves over them.

use super::says;
use expect_test::expect;

#[test]
fn kernels_that_do_not_fit() {
    says(
        "pub struct Net(1, 3, 28) -> 4 { conv2d(6, kernel = 5); flatten -> dense(4); }",
        expect![[r#"
            the kernel of `conv2d` is larger than the image: the height would be (3 + 2*0 - 5)/1 + 1 = -1
            help: write `kernel = 3` or less, or `padding = 1`"#]],
    );
    says(
        "pub struct Net(1, 5, 5) -> 4 { conv2d(6, kernel = 3, dilation = 3); flatten -> dense(4); }",
        expect![[r#"
            the kernel of `conv2d` is larger than the image: the height and width would be (5 + 2*0 - 3*(3 - 1) - 1)/1 + 1 = -1
            help: write `kernel = 2` or less, or `padding = 1`"#]],
    );
    says(
        "pub struct Net(2, 1, 1) -> 4 { max_pool2d(2) -> flatten -> dense(4); }",
        expect![[r#"
            the kernel of `max_pool2d` is larger than the image: the height and width would be (1 + 2*0 - 2)/2 + 1 = 0
            help: leave `max_pool2d` out: there is nothing left to pool"#]],
    );
    says(
        "pub struct Net(2, 6, 6) -> 4 { max_pool2d(2) -> max_pool2d(2) -> avg_pool2d(2) -> flatten -> dense(4); }",
        expect![[r#"
            the kernel of `avg_pool2d` is larger than the image: the height and width would be (1 + 2*0 - 2)/2 + 1 = 0
            help: leave `avg_pool2d` out: there is nothing left to pool"#]],
    );
    says(
        "pub struct Net[2; 4] -> 4 { conv1d(3, kernel = 5) -> flatten -> dense(4); }",
        expect![[r#"
            the kernel of `conv1d` is larger than the sequence: the length would be (4 + 2*0 - 5)/1 + 1 = 0
            help: write `kernel = 4` or less, or `padding = 1`"#]],
    );
    says(
        "pub struct Net[2; 4] -> 4 { max_pool1d(5) -> flatten -> dense(4); }",
        expect![[r#"
            the kernel of `max_pool1d` is larger than the sequence: the length would be (4 + 2*0 - 5)/5 + 1 = 0
            help: write `max_pool1d(4)` or less"#]],
    );
    says(
        "pub struct Net(2, 6, 6) -> 4 { max_pool2d(2, padding = 2) -> flatten -> dense(4); }",
        expect![[r#"
            the padding of `max_pool2d` is more than half of its kernel: 2 > 2/2
            help: use `padding = 1` or less"#]],
    );
    says(
        "pub struct Net(2, 1, 1) -> 4 { conv_transpose2d(3, kernel = 2, padding = 1) -> flatten -> dense(4); }",
        expect![[r#"
            `conv_transpose2d` makes no pixels: (1 - 1)*1 + 1*(2 - 1) + 1 + 0 - 2*1 is below 1
            help: use `padding = 0` or less"#]],
    );
    says(
        "pub struct Net(2, 3, 3) -> 4 { conv_transpose2d(3, kernel = 2, stride = 2, output_padding = 2) -> flatten -> dense(4); }",
        expect![[r#"
            `output_padding` must be smaller than `stride`: 2 >= 2
            help: use `output_padding = 1` or less"#]],
    );
    says(
        "pub struct Net(2, N, 3) -> 4 { conv_transpose2d(3, kernel = 2) -> flatten -> dense(4); }",
        expect![[r#"
            `conv_transpose2d` needs sizes that are numbers
            help: write the sizes of this layer and of the image before it as numbers"#]],
    );
}

#[test]
fn sizes_with_their_arithmetic() {
    says(
        "pub struct Net(1, 28, 28) -> (6, 28, 28) { conv2d(6, kernel = 5); }",
        expect![[r#"
            the network ends with an image of 6 x 24 x 24 (channels x height x width), where (28 + 2*0 - 5)/1 + 1 = 24, but `-> (6, 28, 28)` was declared
            help: end with a layer that produces `(6, 28, 28)`, or declare `-> (6, 24, 24)`"#]],
    );
    says(
        "pub struct Net(1, 28, 20) -> (6, 14, 14) { conv2d(6, kernel = (5, 3), stride = 2) -> relu -> max_pool2d(2, stride = 1); }",
        expect![[r#"
            the network ends with an image of 6 x 11 x 8 (channels x height x width), where (12 + 2*0 - 2)/1 + 1 = 11 and (9 + 2*0 - 2)/1 + 1 = 8, but `-> (6, 14, 14)` was declared
            help: end with a layer that produces `(6, 14, 14)`, or declare `-> (6, 11, 8)`"#]],
    );
    says(
        "pub struct Net[2; 28] -> [6; 28] { conv1d(6, kernel = 5, dilation = 2) -> relu -> gru(6); }",
        expect![[r#"
            the network ends with a sequence of 20 steps of 6 features, where (28 + 2*0 - 2*(5 - 1) - 1)/1 + 1 = 20, but `-> [6; 28]` was declared
            help: end with a layer that produces `[6; 28]`, or declare `-> [6; 20]`"#]],
    );
    says(
        "pub struct Net(2, 8, 8) -> 4 { conv2d(2, kernel = 3) -> relu -> add(input) -> flatten -> dense(4); }",
        expect![[r#"
            `add` needs equal shapes, but `input` is an image of 2 x 8 x 8 (channels x height x width) and `relu` produces an image of 2 x 6 x 6 (channels x height x width), where (8 + 2*0 - 3)/1 + 1 = 6
            help: let both have the shape `(2, 8, 8)`"#]],
    );
    says(
        "pub struct Net(2, 8, 8) -> 4 { repeat(2) { conv2d(2, kernel = 3) -> relu } flatten -> dense(4); }",
        expect![[r#"
            `repeat` starts with an image of 2 x 8 x 8 (channels x height x width), but each round ends with an image of 2 x 6 x 6 (channels x height x width), where (8 + 2*0 - 3)/1 + 1 = 6
            help: let each round end with the shape it starts with"#]],
    );
}

#[test]
fn shapes_of_another_kind() {
    says(
        "pub struct Net(784) -> 4 { conv2d(6, kernel = 5) -> flatten -> dense(4); }",
        expect![[r#"
            `conv2d` needs an image, but the input produces a vector of 784
            help: insert `reshape(1, 1, 784)` before it, or sizes with that product"#]],
    );
    says(
        "pub struct Net(N) -> 4 { conv2d(6, kernel = 5) -> flatten -> dense(4); }",
        expect![[r#"
            `conv2d` needs an image, but the input produces a vector of N
            help: insert `reshape(1, 1, N)` before it"#]],
    );
    says(
        "pub struct Net[8; 10] -> 4 { conv2d(6, kernel = 5) -> flatten -> dense(4); }",
        expect![[r#"
            `conv2d` needs an image, but the input produces a sequence of 10 steps of 8 features
            help: use `conv1d`, which works on sequences"#]],
    );
    says(
        "pub struct Net[8; 10] -> 4 { max_pool2d(2) -> flatten -> dense(4); }",
        expect![[r#"
            `max_pool2d` needs an image, but the input produces a sequence of 10 steps of 8 features
            help: use `max_pool1d`, which works on sequences"#]],
    );
    says(
        "pub struct Net[8; 10] -> 4 { global_avg_pool -> dense(4); }",
        expect![[r#"
            `global_avg_pool` needs an image, but the input produces a sequence of 10 steps of 8 features
            help: insert `reshape(channels, height, width)` before it"#]],
    );
    says(
        "pub struct Net(1, 8, 8) -> 4 { conv1d(6, kernel = 5) -> flatten -> dense(4); }",
        expect![[r#"
            `conv1d` needs a sequence, but the input produces an image of 1 x 8 x 8 (channels x height x width)
            help: use `conv2d`, which works on images"#]],
    );
    says(
        "pub struct Net(1, 8, 8) -> 4 { avg_pool1d(2) -> flatten -> dense(4); }",
        expect![[r#"
            `avg_pool1d` needs a sequence, but the input produces an image of 1 x 8 x 8 (channels x height x width)
            help: use `avg_pool2d`, which works on images"#]],
    );
    says(
        "pub struct Net(8) -> 4 { upsample(2) -> flatten -> dense(4); }",
        expect![[r#"
            `upsample` needs an image, but the input produces a vector of 8
            help: insert `reshape(1, 1, 8)` before it, or sizes with that product"#]],
    );
    says(
        "pub struct Net[8; 4] -> 4 { embedding(10, 3) -> flatten -> dense(4); }",
        expect![[r#"
            `embedding` needs one index a step, but the input produces a sequence of 4 steps of 8 features
            help: declare an input such as `(8)` or `[1; 8]`, for 8 indices"#]],
    );
    says(
        "pub struct Net(1, 8, 8) -> 4 { conv2d(2, kernel = 3) -> dense(4); }",
        expect![[r#"
            `dense` needs a vector, but `conv2d` produces an image of 2 x 6 x 6 (channels x height x width)
            help: insert `flatten` before it"#]],
    );
}

#[test]
fn groups() {
    says(
        "pub struct Net(6, 5, 5) -> 4 { conv2d(8, kernel = 3, groups = 4) -> flatten -> dense(4); }",
        expect![[r#"
            `conv2d` takes 6 channels, which 4 groups do not divide: 6 = 1*4 + 2
            help: `groups` can be 1, 2"#]],
    );
    says(
        "pub struct Net(8, 5, 5) -> 4 { conv2d(6, kernel = 3, groups = 4) -> flatten -> dense(4); }",
        expect![[r#"
            `conv2d` makes 6 channels, which 4 groups do not divide: 6 = 1*4 + 2
            help: `groups` can be 1, 2"#]],
    );
    says(
        "pub struct Net(4, 5, 5) -> 4 { conv2d(6, kernel = 3, depthwise = true) -> flatten -> dense(4); }",
        expect![[r#"
            `conv2d` makes 6 channels, which 4 groups do not divide: 6 = 1*4 + 2
            help: make a multiple of 4, such as 8"#]],
    );
    says(
        "pub struct Net(4, 5, 5) -> 4 { conv2d(4, kernel = 3, depthwise = true, groups = 2) -> flatten -> dense(4); }",
        expect![[r#"
            `depthwise = true` means a group for each channel
            help: leave `groups` out"#]],
    );
    says(
        "pub struct Net[6; 5] -> 4 { conv1d(8, kernel = 3, groups = 4) -> flatten -> dense(4); }",
        expect![[r#"
            `conv1d` takes 6 channels, which 4 groups do not divide: 6 = 1*4 + 2
            help: `groups` can be 1, 2"#]],
    );
}

#[test]
fn arguments_of_windows() {
    says(
        "pub struct Net(1, 8, 8) -> 4 { conv2d(6) -> flatten -> dense(4); }",
        expect![[r#"
            `conv2d` needs `kernel`, a size or a pair of sizes
            help: write `conv2d(16, kernel = 3)`"#]],
    );
    says(
        "pub struct Net(1, 8, 8) -> 4 { conv2d(6, kernel = (3, 3, 3)) -> flatten -> dense(4); }",
        expect![[r#"
            `kernel` has 1 size or 2, found 3
            help: write `kernel = 3`, or `kernel = (3, 5)` for rows and columns"#]],
    );
    says(
        "pub struct Net(1, 8, 8) -> 4 { conv2d(6, kernel = 0) -> flatten -> dense(4); }",
        expect![[r#"
            a size of 0 holds nothing
            help: use at least 1"#]],
    );
    says(
        "pub struct Net(1, 8, 8) -> 4 { conv2d(6, kernel = 3, stride = 0) -> flatten -> dense(4); }",
        expect![[r#"
            a size of 0 holds nothing
            help: use at least 1"#]],
    );
    says(
        "pub struct Net(1, 8, 8) -> 4 { conv2d(6, kernel = 3, padding = same) -> flatten -> dense(4); }",
        expect![[r#"
            `padding` is a number of pixels, found `same`
            help: write half of the kernel, rounded down: `kernel = 3, padding = 1` keeps the size"#]],
    );
    says(
        "pub struct Net(1, 8, 8) -> 4 { max_pool2d -> flatten -> dense(4); }",
        expect![[r#"
            `max_pool2d` needs `kernel`, a size or a pair of sizes
            help: write `max_pool2d(2)`"#]],
    );
    says(
        "pub struct Net[1; 8] -> 4 { conv1d(6) -> flatten -> dense(4); }",
        expect![[r#"
            `conv1d` needs `kernel`, a number of steps
            help: write `conv1d(16, kernel = 3)`"#]],
    );
    says(
        "pub struct Net(1, 8, 8) -> 4 { upsample -> flatten -> dense(4); }",
        expect![[r#"
            `upsample` needs `factor`, a size or a pair of sizes
            help: write `upsample(2)`"#]],
    );
    says(
        "pub struct Net(8) -> 4 { embedding(10) -> flatten -> dense(4); }",
        expect![[r#"
            `embedding` needs `features`, a positive integer
            help: write `embedding(1000, 16)`"#]],
    );
}

#[test]
fn skips_of_images() {
    says(
        "pub struct Net(2, 8, 8) -> 4 { max_pool2d(2) -> concat(input) -> flatten -> dense(4); }",
        expect![[r#"
            `concat` needs images of one height and width, but `input` is an image of 2 x 8 x 8 (channels x height x width) and `max_pool2d` produces an image of 2 x 4 x 4 (channels x height x width)
            help: bring them to one size with `max_pool2d`, `upsample` or a stride"#]],
    );
    says(
        "pub struct Net[2; 8] -> 4 { max_pool1d(2) -> concat(input) -> flatten -> dense(4); }",
        expect![[r#"
            `concat` needs sequences of one length, but `input` is a sequence of 8 steps of 2 features and `max_pool1d` produces a sequence of 4 steps of 2 features
            help: bring them to one length with `max_pool1d`, `upsample` or a stride"#]],
    );
    says(
        "pub struct Net(2, 8, 8) -> 4 { flatten -> dense(4) -> concat(input); }",
        expect![[r#"
            `concat` needs shapes of one kind, but `input` is an image of 2 x 8 x 8 (channels x height x width) and `dense` produces a vector of 4
            help: label a vector, such as what follows `flatten`"#]],
    );
    says(
        "pub struct Net(2, 8, 8) -> 4 { a: flatten -> dense(4); b: reshape(1, 2, 2) -> concat(a) -> flatten -> dense(4); }",
        expect![[r#"
            `concat` needs shapes of one kind, but `a` is a vector of 4 and `reshape` produces an image of 1 x 2 x 2 (channels x height x width)
            help: insert `flatten` before it"#]],
    );
    says(
        "pub struct Net(2, 8, 8) -> 4 { residual { conv2d(2, kernel = 3) } -> flatten -> dense(4); }",
        expect![[r#"
            `residual` adds its input, an image of 2 x 8 x 8 (channels x height x width), to what its layers end with, an image of 2 x 6 x 6 (channels x height x width), where (8 + 2*0 - 3)/1 + 1 = 6
            help: keep the size with `padding` of half of the kernel, or write `residual(project = true)` for other channels or a stride"#]],
    );
    says(
        "pub struct Net(2, 8, 8) -> 4 { residual(project = true) { conv2d(3, kernel = 3) } -> flatten -> dense(4); }",
        expect![[r#"
            `residual` cannot project a height of 8 to 6: no stride makes (8 - 1)/stride + 1 = 6
            help: let its layers end with a size that a stride makes, such as with `padding` of half of the kernel
            `residual` cannot project a width of 8 to 6: no stride makes (8 - 1)/stride + 1 = 6
            help: let its layers end with a size that a stride makes, such as with `padding` of half of the kernel"#]],
    );
}

#[test]
fn reshapes() {
    says(
        "pub struct Net(12) -> 4 { reshape(1, 3, 3) -> flatten -> dense(4); }",
        expect![[r#"
            `reshape` keeps every number, but 12 are not 1*3*3 = 9
            help: write `reshape(1, 3, 4)`"#]],
    );
    says(
        "pub struct Net(12) -> 4 { reshape(1, 3, 5) -> flatten -> dense(4); }",
        expect![[r#"
            `reshape` keeps every number, but 12 are not 1*3*5 = 15
            help: write `reshape(1, 3, 4)`"#]],
    );
    says(
        "pub struct Net(12) -> 4 { reshape(2, 6) -> flatten -> dense(4); }",
        expect![[r#"
            `reshape` takes 1 size (a vector), 3 (an image) or a sequence, found 2
            help: write `reshape(64)`, `reshape(1, 28, 28)` for an image, or `reshape([8; 100])` for a sequence"#]],
    );
    says(
        "pub struct Net(12) -> 4 { reshape([4; 2]) -> flatten -> dense(4); }",
        expect![[r#"
            `reshape` keeps every number, but 12 are not 4*2 = 8
            help: write `reshape([4; 3])`"#]],
    );
    says(
        "pub struct Net(12) -> 4 { reshape -> flatten -> dense(4); }",
        expect![[r#"
            `reshape` takes 1 size (a vector), 3 (an image) or a sequence, found 0
            help: write `reshape(64)`, `reshape(1, 28, 28)` for an image, or `reshape([8; 100])` for a sequence"#]],
    );
    says(
        "pub struct Net(12) -> 4 { reshape(7) -> dense(4); }",
        expect![[r#"
            `reshape` keeps every number, but 12 are not 7
            help: choose sizes whose product is 12"#]],
    );
}
