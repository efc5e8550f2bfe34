// /// Has three mistakes.
// #[derive(Clone, Debug)]
// pub struct Wrong(16) -> 4 {
//     dens(8) -> relu;
//     residual { dense(8) -> tanh };
//     dense(5);
// }

#[derive(Clone, Debug)]
#[allow(dead_code, missing_docs)]
pub struct Wrong {}
#[allow(dead_code, missing_docs, unused_variables, clippy::all)]
impl Wrong {
    pub fn new(seed: u64) -> Self {
        ::core::unreachable!()
    }
    pub fn boxed(seed: u64) -> ::std::boxed::Box<Self> {
        ::core::unreachable!()
    }
}
::core::compile_error! {
    "unknown layer `dens`\nhelp: did you mean `dense`?  known layers: activation, add, batch_norm, concat, dense, dropout, elu, flatten, gelu, gelu_tanh, hard_sigmoid, hard_swish, hard_tanh, identity, layer, layer_norm, leaky_relu, linear, mish, prelu, relu, relu6, repeat, residual, selu, sigmoid, silu, softmax, softplus, swish, tanh"
}
::core::compile_error! {
    "the network ends with a vector of 5, but `-> 4` was declared\nhelp: end with `dense(4)`, or declare `-> 5`"
}
