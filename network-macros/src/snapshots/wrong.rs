// /// Has three mistakes.
// #[derive(Clone, Debug)]
// pub struct Wrong(16) -> 4 {
//     dens(8) -> dense(16);
//     residual { dense(8) -> tanh };
//     dense(4, units = 5);
// }

#[allow(dead_code, missing_docs)]
pub type Wrong = [(); ::core::compile_error! {
    "unknown layer `dens`\nhelp: did you mean `dense`?  known layers: activation, add, avg_pool1d, avg_pool2d, batch_norm, concat, conv1d, conv2d, conv_transpose2d, dense, dropout, elu, embedding, flatten, gelu, gelu_tanh, global_avg_pool, gru, hard_sigmoid, hard_swish, hard_tanh, identity, last, layer, layer_norm, leaky_relu, lstm, mask, max_pool1d, max_pool2d, mean_over_steps, mish, multiply, prelu, relu, relu6, repeat, reshape, residual, rnn, selu, sigmoid, silu, softmax, softplus, softsign, swish, tanh, upsample"
}];
::core::compile_error! {
    "`residual` adds its input, a vector of 16, to what its layers end with, a vector of 8\nhelp: end its layers with `dense(16)`, or write `residual(project = true)`"
}
::core::compile_error! {
    "`units` of `dense` is given twice\nhelp: leave one out"
}
