//! Gradients of random networks of image and sequence layers against finite differences;
//! written by `build.rs`.

use network_core::network;

include!(concat!(env!("OUT_DIR"), "/random_images.rs"));
