//! Networks of textbooks and papers at their usual start: none earns a warning, which this file
//! shows by compiling.
#![deny(deprecated)]

use network_core::flow::{Prediction, Severity};
use network_core::prelude::*;

/// Declares networks, each with its source, and lists their predictions.
macro_rules! healthy {
    ($($source:literal { $(#[$attribute:meta])* $name:ident $input:tt -> $output:tt { $($body:tt)* } })*) => {
        $(network! {
            #[doc = $source]
            $(#[$attribute])*
            struct $name $input -> $output { $($body)* }
        })*
        const NETWORKS: &[(&str, &str, Prediction)] = &[
            $((stringify!($name), $source, $name::FLOW),)*
        ];
    };
}

healthy! {
    "LeCun et al. 1998, Gradient-based learning applied to document recognition: LeNet-300-100" {
        LeNet300(784) -> 10 {
            init = lecun_uniform;
            dense(300) -> tanh -> dense(100) -> tanh -> dense(10);
        }
    }
    "LeCun et al. 1998: LeNet-5, with the rectifiers of today" {
        LeNet5(1, 28, 28) -> 10 {
            conv2d(6, kernel = 5, padding = 2) -> relu -> max_pool2d(2);
            conv2d(16, kernel = 5) -> relu -> max_pool2d(2) -> flatten;
            dense(120) -> relu -> dense(84) -> relu -> dense(10);
        }
    }
    "LeCun et al. 1998: LeNet-5 with its averages and tanh" {
        AveragingLeNet5(1, 28, 28) -> 10 {
            init = xavier_uniform;
            conv2d(6, kernel = 5, padding = 2) -> tanh -> avg_pool2d(2);
            conv2d(16, kernel = 5) -> tanh -> avg_pool2d(2) -> flatten;
            dense(120) -> tanh -> dense(84) -> tanh -> dense(10);
        }
    }
    "Nielsen 2015, Neural networks and deep learning, chapter 3: weights of deviation 1/sqrt(n)" {
        Nielsen(784) -> 10 { init = lecun_normal; dense(30) -> sigmoid -> dense(10); }
    }
    "Glorot and Bengio 2010, Understanding the difficulty of training deep feedforward networks" {
        Glorot(1024) -> 10 {
            init = xavier_uniform;
            dense(1000) -> tanh;
            repeat(4) { dense(1000) -> tanh; }
            dense(10);
        }
    }
    "He et al. 2015, Delving deep into rectifiers: 30 layers, at a width of 64" {
        DeepRectifiers(64) -> 10 { init = he_normal; repeat(29) { dense(64) -> relu; } dense(10); }
    }
    "Klambauer et al. 2017, Self-normalizing neural networks: 32 layers" {
        SelfNormalising(64) -> 10 { init = lecun_normal; repeat(31) { dense(64) -> selu; } dense(10); }
    }
    "Ioffe and Szegedy 2015, Batch normalization, section 4.1" {
        NormedSigmoid(784) -> 10 {
            dense(100, bias = false) -> batch_norm -> sigmoid;
            repeat(2) { dense(100, bias = false) -> batch_norm -> sigmoid; }
            dense(10);
        }
    }
    "Srivastava et al. 2014, Dropout: 784-1024-1024-1024-10 on MNIST" {
        Dropped(784) -> 10 {
            init = xavier_uniform;
            dropout(0.2) -> dense(1024) -> relu -> dropout(0.5);
            repeat(2) { dense(1024) -> relu -> dropout(0.5); }
            dense(10);
        }
    }
    "TensorFlow's quickstart for beginners: MNIST" {
        TensorFlowQuickstart(784) -> 10 {
            init = glorot_uniform;
            dense(128) -> relu -> dropout(0.2) -> dense(10);
        }
    }
    "Keras, example mnist_mlp" {
        KerasPerceptron(784) -> 10 {
            init = glorot_uniform;
            dense(512) -> relu -> dropout(0.2) -> dense(512) -> relu -> dropout(0.2) -> dense(10);
        }
    }
    "PyTorch's quickstart tutorial: Fashion-MNIST" {
        TorchQuickstart(784) -> 10 {
            init = pytorch_default;
            dense(512) -> relu -> dense(512) -> relu -> dense(10);
        }
    }
    "PyTorch, example vae, encoder and decoder end to end" {
        Autoencoder(784) -> 784 {
            init = pytorch_default;
            dense(400) -> relu -> dense(20) -> dense(400) -> relu -> dense(784) -> sigmoid;
        }
    }
    "Chollet 2016, Building autoencoders in Keras: the deep one" {
        DeepAutoencoder(784) -> 784 {
            init = glorot_uniform;
            dense(128) -> relu -> dense(64) -> relu -> dense(32) -> relu;
            dense(64) -> relu -> dense(128) -> relu -> dense(784) -> sigmoid;
        }
    }
    "He et al. 2016, Deep residual learning: ResNet-34's two-layer blocks, on vectors" {
        Residual(64) -> 10 {
            init = he_normal;
            dense(64, bias = false) -> batch_norm -> relu;
            repeat(16) {
                residual {
                    dense(64, bias = false) -> batch_norm -> relu;
                    dense(64, bias = false) -> batch_norm;
                } -> relu;
            }
            dense(10);
        }
    }
    "He et al. 2016: ResNet-20 for CIFAR-10" {
        ResNet20(3, 32, 32) -> 10 {
            init = he_normal;
            conv2d(16, kernel = 3, padding = 1, bias = false) -> batch_norm -> relu;
            repeat(3) {
                residual {
                    conv2d(16, kernel = 3, padding = 1, bias = false) -> batch_norm -> relu;
                    conv2d(16, kernel = 3, padding = 1, bias = false) -> batch_norm;
                } -> relu;
            }
            residual(project = true) {
                conv2d(32, kernel = 3, stride = 2, padding = 1, bias = false) -> batch_norm -> relu;
                conv2d(32, kernel = 3, padding = 1, bias = false) -> batch_norm;
            } -> relu;
            repeat(2) {
                residual {
                    conv2d(32, kernel = 3, padding = 1, bias = false) -> batch_norm -> relu;
                    conv2d(32, kernel = 3, padding = 1, bias = false) -> batch_norm;
                } -> relu;
            }
            global_avg_pool -> dense(10);
        }
    }
    "He et al. 2016, Identity mappings in deep residual networks: 110 layers, on vectors" {
        PreActivation(64) -> 10 {
            init = he_normal;
            dense(64, bias = false);
            repeat(54) {
                residual {
                    batch_norm -> relu -> dense(64, bias = false);
                    batch_norm -> relu -> dense(64, bias = false);
                };
            }
            batch_norm -> relu -> dense(10);
        }
    }
    "Goyal et al. 2017, Accurate, large minibatch SGD: the last norm of each block starts at 0" {
        ZeroGamma(64) -> 10 {
            init = he_normal;
            dense(64, bias = false) -> batch_norm -> relu;
            repeat(16) {
                residual {
                    dense(64, bias = false) -> batch_norm -> relu;
                    dense(64, bias = false) -> batch_norm(scale = 0.0);
                } -> relu;
            }
            dense(10);
        }
    }
    "Simonyan and Zisserman 2015 with the batch norms of torchvision's vgg11_bn, at a quarter of the width" {
        Vgg(3, 32, 32) -> 10 {
            init = he_normal;
            conv2d(16, kernel = 3, padding = 1, bias = false) -> batch_norm -> relu -> max_pool2d(2);
            conv2d(32, kernel = 3, padding = 1, bias = false) -> batch_norm -> relu -> max_pool2d(2);
            conv2d(64, kernel = 3, padding = 1, bias = false) -> batch_norm -> relu;
            conv2d(64, kernel = 3, padding = 1, bias = false) -> batch_norm -> relu -> max_pool2d(2);
            conv2d(128, kernel = 3, padding = 1, bias = false) -> batch_norm -> relu;
            conv2d(128, kernel = 3, padding = 1, bias = false) -> batch_norm -> relu -> max_pool2d(2);
            flatten -> dense(128) -> relu -> dropout(0.5) -> dense(10);
        }
    }
    "Huang et al. 2017, Densely connected convolutional networks, on vectors" {
        DenseNet(64) -> 10 {
            init = he_normal;
            a: dense(32);
            b: batch_norm -> relu -> dense(32, bias = false) -> concat(a);
            c: batch_norm -> relu -> dense(32, bias = false) -> concat(b);
            d: batch_norm -> relu -> dense(32, bias = false) -> concat(c);
            batch_norm -> relu -> dense(10);
        }
    }
    "Vaswani et al. 2017 with the norm first (Xiong et al. 2020): the feed-forward halves of 12 blocks" {
        FeedForward(64) -> 64 {
            init = xavier_uniform;
            dense(64);
            repeat(12) { residual { layer_norm -> dense(256) -> gelu -> dense(64) }; }
            layer_norm -> dense(64);
        }
    }
    "Gorishniy et al. 2021, Revisiting deep learning models for tabular data: the MLP" {
        #[gradient_flow(optimizer = adam_w)]
        Tabular(32) -> 1 {
            init = pytorch_default;
            repeat(4) { dense(32) -> relu -> dropout(0.1); }
            dense(1);
        }
    }
    "Gorishniy et al. 2021: the ResNet" {
        #[gradient_flow(optimizer = adam_w)]
        TabularResNet(32) -> 1 {
            init = he_normal;
            dense(64);
            repeat(8) {
                residual { batch_norm -> dense(128) -> relu -> dropout(0.1) -> dense(64) };
            }
            batch_norm -> relu -> dense(1);
        }
    }
    "Paszke and Towers, PyTorch's tutorial on deep Q-learning: CartPole" {
        #[gradient_flow(optimizer = adam_w)]
        DeepQ(4) -> 2 {
            init = pytorch_default;
            dense(128) -> relu -> dense(128) -> relu -> dense(2);
        }
    }
    "Schulman et al. 2017, Proximal policy optimization: the policy, as Huang et al. 2022 start it" {
        #[gradient_flow(optimizer = adam)]
        Policy(8) -> 2 {
            init = orthogonal(gain = 1.41421356);
            dense(64) -> tanh -> dense(64) -> tanh;
            head: dense(2, init = orthogonal(gain = 0.01));
        }
    }
    "Schulman et al. 2017: the value function" {
        #[gradient_flow(optimizer = adam)]
        Critic(8) -> 1 {
            init = orthogonal(gain = 1.41421356);
            dense(64) -> tanh -> dense(64) -> tanh;
            head: dense(1, init = orthogonal(gain = 1.0));
        }
    }
    "Lillicrap et al. 2016, Continuous control with deep reinforcement learning: the actor" {
        #[gradient_flow(optimizer = adam)]
        Actor(17) -> 6 {
            init = pytorch_default;
            dense(400) -> relu -> dense(300) -> relu;
            head: dense(6, init = uniform(-0.003, 0.003)) -> tanh;
        }
    }
    "Haarnoja et al. 2018, Soft actor-critic: one of the critics" {
        #[gradient_flow(optimizer = adam)]
        SoftCritic(23) -> 1 {
            init = xavier_uniform;
            dense(256) -> relu -> dense(256) -> relu -> dense(1);
        }
    }
    "Radford et al. 2016, Deep convolutional generative adversarial networks: the discriminator, halved" {
        #[gradient_flow(optimizer = adam)]
        Discriminator(1, 28, 28) -> 1 {
            init = normal(0.0, 0.02);
            conv2d(32, kernel = 4, stride = 2, padding = 1) -> leaky_relu(0.2);
            conv2d(64, kernel = 4, stride = 2, padding = 1, bias = false) -> batch_norm -> leaky_relu(0.2);
            flatten -> dense(1);
        }
    }
    "Le et al. 2015: MNIST by rows, with the LSTM of Jozefowicz et al. 2015 (forget bias 1)" {
        #[gradient_flow(optimizer = adam)]
        Rows([28; 28]) -> 10 { lstm(100, forget_bias = 1.0) -> last -> dense(10); }
    }
    "Cho et al. 2014: a GRU over a window of a signal, as d2l.ai's chapter 10 has it" {
        #[gradient_flow(optimizer = adam)]
        Window([1; 32]) -> 1 { gru(32) -> last -> dense(1); }
    }
    "Tallec and Ollivier 2018, Can recurrent neural networks warp time?: 500 steps" {
        #[gradient_flow(optimizer = rms_prop)]
        LongMemory([10; 500]) -> 10 { lstm(128, forget_bias = chrono) -> last -> dense(10); }
    }
}

#[test]
fn healthy_networks_have_no_warning() {
    assert!(NETWORKS.len() >= 20);
    for (name, source, flow) in NETWORKS {
        let loud = flow.findings.iter().find(|f| f.severity > Severity::Note);
        assert!(loud.is_none(), "{name} ({source}): {loud:?}");
        match flow.decades {
            Some(decades) => println!("{decades:+.2}  {name}"),
            None => println!("  ?    {name}: {}", flow.unknown.unwrap_or_default()),
        }
    }
}
