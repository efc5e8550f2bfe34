//! Gradients of random networks against finite differences; written by `build.rs`.

use network_core::network;

include!(concat!(env!("OUT_DIR"), "/random_networks_2.rs"));
