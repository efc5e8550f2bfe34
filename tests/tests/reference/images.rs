//! Layers of images and sequences.

use crate::training::check;
use network_core::prelude::*;

/// Declares a network in both precisions, and tests both.
macro_rules! case {
    ($name:literal, $test:ident $input:tt -> $output:tt { $($statements:tt)* }) => {
        mod $test {
            use super::*;

            mod single {
                use super::*;
                network! {
                    #[gradient_flow(allow)]
                    pub(super) struct Net $input -> $output { scalar = f32; $($statements)* }
                }
            }

            mod double {
                use super::*;
                network! {
                    #[gradient_flow(allow)]
                    pub(super) struct Net $input -> $output { scalar = f64; $($statements)* }
                }
            }

            #[test]
            fn agrees_with_pytorch() {
                check("images.json", $name, single::Net::boxed(1));
                check("images.json", $name, double::Net::boxed(1));
            }
        }
    };
}

case!("conv2d", conv2d (3, 5, 6) -> (4, 3, 4) {
    conv2d(4, kernel = (3, 2), stride = (2, 1), padding = (1, 0), dilation = (1, 2));
});

case!("conv2d in groups", conv2d_groups (4, 5, 5) -> (6, 3, 3) {
    conv2d(6, kernel = 3, groups = 2, bias = false);
});

case!("depthwise conv2d", depthwise (3, 4, 4) -> (6, 4, 4) {
    conv2d(6, kernel = 3, padding = 1, depthwise = true);
});

case!("max_pool2d", max_pool2d (2, 6, 5) -> (3, 3, 3) {
    conv2d(3, kernel = 1) -> max_pool2d(3, stride = 2, padding = 1);
});

case!("avg_pool2d", avg_pool2d (2, 6, 5) -> (3, 3, 3) {
    conv2d(3, kernel = 1) -> avg_pool2d(3, stride = 2, padding = 1);
});

case!("conv_transpose2d", conv_transpose2d (4, 3, 2) -> (2, 6, 4) {
    conv_transpose2d(2, kernel = 3, stride = 2, padding = 1, output_padding = 1, groups = 2);
});

case!("batch_norm of images", batch_norm (2, 4, 3) -> 3 {
    conv2d(4, kernel = 3, padding = 1, bias = false) -> batch_norm -> relu -> global_avg_pool
        -> dense(3);
});

case!("upsample", upsample (2, 2, 3) -> (2, 4, 9) {
    upsample((2, 3)) -> conv2d(2, kernel = 3, padding = 1);
});

case!("concat of channels", concat_channels (2, 3, 3) -> (5, 3, 3) {
    conv2d(3, kernel = 3, padding = 1) -> tanh -> concat(input);
});

case!("residual of convolutions", residual (2, 5, 5) -> (3, 3, 3) {
    residual(project = true) {
        conv2d(3, kernel = 3, stride = 2, padding = 1, bias = false) -> batch_norm -> relu
            -> conv2d(3, kernel = 3, padding = 1, bias = false) -> batch_norm
    } -> relu;
});

case!("causal conv1d", conv1d [3; 7] -> [4; 7] {
    conv1d(4, kernel = 3, padding = causal, dilation = 2);
});

case!("conv1d in groups", conv1d_groups [4; 7] -> [6; 4] {
    conv1d(6, kernel = 3, stride = 2, padding = 1, groups = 2);
});

case!("pooling over steps", pool1d [2; 9] -> [3; 2] {
    conv1d(3, kernel = 2, bias = false) -> batch_norm -> relu -> max_pool1d(2) -> avg_pool1d(2);
});

case!("concat of features", concat_features [2; 4] -> [5; 4] {
    conv1d(3, kernel = 3, padding = 1) -> tanh -> concat(input);
});

case!("dilated conv_transpose2d", conv_transpose2d_dilated (2, 2, 3) -> (3, 3, 7) {
    conv_transpose2d(
        3, kernel = (2, 3), stride = (1, 2), padding = (0, 1), dilation = (1, 2), bias = false
    );
});

case!("depthwise conv1d", conv1d_depthwise [3; 6] -> [6; 4] {
    conv1d(6, kernel = 3, depthwise = true, bias = false);
});

case!("upsample over steps", upsample_steps [2; 3] -> [2; 6] {
    upsample(2) -> conv1d(2, kernel = 3, padding = 1);
});

case!("reshape", reshape (12) -> 2 {
    reshape(3, 2, 2) -> conv2d(4, kernel = 2) -> tanh -> flatten -> dense(2);
});

case!("embedding before gru", embedding_gru (5) -> 2 {
    words: embedding(6, 3);
    cell: gru(4) -> last;
    head: dense(2);
});

case!("embedding", embedding (5) -> 3 {
    embedding(7, 4) -> flatten -> dense(3);
});

case!("lenet", lenet (1, 12, 12) -> 4 {
    conv2d(3, kernel = 5, padding = 2) -> relu -> max_pool2d(2);
    conv2d(5, kernel = 3) -> relu -> max_pool2d(2);
    flatten -> dense(12) -> relu -> dense(4);
});
