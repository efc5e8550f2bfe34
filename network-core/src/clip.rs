//! Clip
