//! Optimizers: how a gradient changes the parameters.
