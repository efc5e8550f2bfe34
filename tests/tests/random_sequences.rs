//! Gradients of random networks over sequences against finite differences, and streams
//! against whole sequences; written by `build.rs`.

use network_core::network;

include!(concat!(env!("OUT_DIR"), "/random_sequences.rs"));
