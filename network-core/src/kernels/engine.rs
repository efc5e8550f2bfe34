//! One engine for each path and number type: which tiles it uses, compiled with
//! the path's instruction set.

use super::channels::{Channels, Gather, channels, gather};
use super::correlate::{Correlate, correlate};
use super::slide::{Slide, slide};
use super::tile::{Panel, columns, outer, row_sums};
use super::transpose;
use super::vector::{Lanes, Vector};
use crate::Scalar;

#[cfg(target_arch = "x86_64")]
use super::{
    interleaved,
    tile::{OuterTile, outer_evenly, outer_part},
    vector::{avx2, avx512},
};

/// The tiles of one path for one number type.
///
/// # Safety
///
/// The methods may be called only on machines that have the path, with panels that
/// keep their conditions and have from one to [`Engine::height`] rows.
pub(super) unsafe trait Engine {
    /// What the matrices hold.
    type Element: Scalar;
    /// How many numbers a register holds.
    const LANES: usize;
    /// How many rows the next panel takes of those that are left, if `split` is that
    /// of [`columns`] (or 1 for the other products), and if there is but one column.
    fn height(left: usize, split: usize, single: bool) -> usize;
    /// See [`columns`].
    unsafe fn columns(panel: &Panel<Self::Element>, split: usize);
    /// Whether the path has what is faster for few rows: `narrow` and `narrow_outer`.
    const NARROW: bool = false;
    /// As [`Engine::columns`] for at most eight rows with a split of 2, or twelve with one of 4.
    /// `buffer` holds the panel's rows, up to a multiple of `16 / split`, each of a depth up to
    /// a multiple of `split`.
    /// If `transposed`, `A[row, k]` is at `a + k + row * a_stride`.
    unsafe fn narrow(
        _panel: &Panel<Self::Element>,
        _split: usize,
        _transposed: bool,
        _buffer: *mut Self::Element,
    ) {
        unreachable!("only where NARROW is set");
    }
    /// See [`outer`].
    unsafe fn outer(panel: &Panel<Self::Element>);
    /// As [`Engine::outer`] for at most eight rows and at least four columns.
    unsafe fn narrow_outer(_panel: &Panel<Self::Element>) {
        unreachable!("only where NARROW is set");
    }
    /// See [`slide`].
    unsafe fn slide(work: &Slide<Self::Element>);
    /// See [`correlate`].
    unsafe fn correlate(work: &Correlate<Self::Element>);
    /// See [`channels`]; at most as many outputs as [`Engine::height`] gives for a split of 2.
    unsafe fn channels(work: &Channels<Self::Element>);
    /// See [`gather`]; as many outputs as in [`Engine::channels`].
    unsafe fn gather(work: &Gather<Self::Element>);
    /// See [`row_sums`].
    unsafe fn row_sums(panel: &Panel<Self::Element>);
    /// See [`transpose`].
    unsafe fn transpose(block: &transpose::Block<Self::Element>);
}

/// How many registers high a panel for a single column is, if there are that many rows:
/// enough sums to hide the latency of a multiply-add, and A is read as it lies in memory.
const SINGLE: usize = 8;

/// Below how many terms a tile of its own for each width does not pay.
#[cfg(target_arch = "x86_64")]
const SHALLOW: usize = 8;

/// Panels of nearly the same height, each of at most `most` registers.
fn height(left: usize, lanes: usize, most: usize, single: bool) -> usize {
    if single && left >= SINGLE * lanes {
        return SINGLE * lanes;
    }
    let registers = left.div_ceil(lanes);
    let panels = registers.div_ceil(most);
    (registers.div_ceil(panels) * lanes).min(left)
}

/// A tile for each number of columns.
#[cfg(target_arch = "x86_64")]
macro_rules! of_widths {
    ($tile:ident, $vector:ty, $rows:literal: $($columns:literal)*) => {
        &[$($tile::<$vector, $rows, $columns>),*]
    };
}

/// The tiles for 32 registers: up to 24 sums, masks at no cost.
macro_rules! wide {
    ($name:ident, $element:ident, $whole:ty, $half:ty, $transpose:path $(, $narrow:path, $narrow_outer:path)?) => {
        /// AVX-512 for one number type.
        pub(super) struct $name;

        // SAFETY: the functions below are compiled with the features that a machine
        // with this path has; panels are as the callers vouch.
        unsafe impl Engine for $name {
            type Element = $element;
            const LANES: usize = <$whole>::LANES;

            fn height(left: usize, split: usize, single: bool) -> usize {
                let most = if split > 1 { 2 } else { 4 };
                height(left, <$whole>::LANES, most, single && split == 1)
            }

            unsafe fn columns(panel: &Panel<$element>, split: usize) {
                #[target_feature(enable = "avx2,fma,avx512f,avx512vl,avx512bw,avx512dq")]
                unsafe fn tiles<
                    V: Vector,
                    const ROWS: usize,
                    const SPLIT: usize,
                    const COLUMNS: usize,
                >(
                    panel: &Panel<V::Element>,
                ) {
                    // SAFETY: the caller's conditions are those of the panel.
                    unsafe { columns::<V, ROWS, SPLIT, COLUMNS, true>(panel) }
                }
                let registers = panel.rows.div_ceil(<$whole>::LANES);
                // SAFETY: the caller's conditions, and as many registers as the rows need.
                unsafe {
                    match (split, registers) {
                        (4, 1) if panel.rows <= <$half>::LANES => tiles::<$half, 1, 4, 6>(panel),
                        (4, 1) => tiles::<$whole, 1, 4, 6>(panel),
                        (2, 1) if panel.rows <= <$half>::LANES => tiles::<$half, 1, 2, 12>(panel),
                        (2, 1) => tiles::<$whole, 1, 2, 12>(panel),
                        (2, 2) => tiles::<$whole, 2, 2, 6>(panel),
                        (1, 1) if panel.rows <= <$half>::LANES => tiles::<$half, 1, 1, 12>(panel),
                        (1, 1) => tiles::<$whole, 1, 1, 12>(panel),
                        (1, 2) => tiles::<$whole, 2, 1, 12>(panel),
                        (1, 3) => tiles::<$whole, 3, 1, 8>(panel),
                        (1, 4) => tiles::<$whole, 4, 1, 6>(panel),
                        (1, SINGLE) => tiles::<$whole, SINGLE, 1, 1>(panel),
                        _ => unreachable!("no such panel"),
                    }
                }
            }

            $(
                const NARROW: bool = true;

                unsafe fn narrow(
                    panel: &Panel<$element>,
                    split: usize,
                    transposed: bool,
                    buffer: *mut $element,
                ) {
                    // SAFETY: the caller's conditions.
                    unsafe { $narrow(panel, split, transposed, buffer) }
                }

                unsafe fn narrow_outer(panel: &Panel<$element>) {
                    // SAFETY: the caller's conditions.
                    unsafe { $narrow_outer(panel) }
                }
            )?

            unsafe fn outer(panel: &Panel<$element>) {
                #[target_feature(enable = "avx2,fma,avx512f,avx512vl,avx512bw,avx512dq")]
                unsafe fn tile<V: Vector, const ROWS: usize, const COLUMNS: usize>(
                    panel: &Panel<V::Element>,
                    first: usize,
                ) {
                    // SAFETY: the caller's conditions are those of the panel.
                    unsafe { outer_part::<V, ROWS, COLUMNS>(panel, first) }
                }
                #[target_feature(enable = "avx2,fma,avx512f,avx512vl,avx512bw,avx512dq")]
                unsafe fn shallow<V: Vector, const ROWS: usize, const COLUMNS: usize>(
                    panel: &Panel<V::Element>,
                ) {
                    // SAFETY: the caller's conditions are those of the panel.
                    unsafe { outer::<V, ROWS, COLUMNS, true>(panel) }
                }
                let registers = panel.rows.div_ceil(<$whole>::LANES);
                if panel.depth < SHALLOW {
                    // SAFETY: the caller's conditions, and as many registers as the rows need.
                    return unsafe {
                        match registers {
                            1 => shallow::<$whole, 1, 12>(panel),
                            2 => shallow::<$whole, 2, 12>(panel),
                            3 => shallow::<$whole, 3, 8>(panel),
                            4 => shallow::<$whole, 4, 6>(panel),
                            _ => unreachable!("no such panel"),
                        }
                    };
                }
                let tiles: &[OuterTile<$element>] = match registers {
                    1 => of_widths!(tile, $whole, 1: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16),
                    2 => of_widths!(tile, $whole, 2: 1 2 3 4 5 6 7 8 9 10 11 12),
                    3 => of_widths!(tile, $whole, 3: 1 2 3 4 5 6 7 8),
                    4 => of_widths!(tile, $whole, 4: 1 2 3 4 5 6),
                    _ => unreachable!("no such panel"),
                };
                // SAFETY: the caller's conditions, and as many registers as the rows need.
                unsafe { outer_evenly(panel, tiles) }
            }

            unsafe fn slide(work: &Slide<$element>) {
                #[target_feature(enable = "avx2,fma,avx512f,avx512vl,avx512bw,avx512dq")]
                unsafe fn tiles<V: Vector>(work: &Slide<V::Element>) {
                    // SAFETY: the caller's conditions are those of the work.
                    unsafe { slide::<V, 4, 6, true>(work) }
                }
                // SAFETY: the caller's conditions.
                unsafe {
                    if work.width <= <$half>::LANES {
                        tiles::<$half>(work);
                    } else {
                        tiles::<$whole>(work);
                    }
                }
            }

            unsafe fn correlate(work: &Correlate<$element>) {
                #[target_feature(enable = "avx2,fma,avx512f,avx512vl,avx512bw,avx512dq")]
                unsafe fn tiles<V: Vector>(work: &Correlate<V::Element>) {
                    // SAFETY: the caller's conditions are those of the work.
                    unsafe { correlate::<V, 6, 4, 12>(work) }
                }
                // SAFETY: the caller's conditions.
                unsafe { tiles::<$whole>(work) }
            }

            unsafe fn channels(work: &Channels<$element>) {
                #[target_feature(enable = "avx2,fma,avx512f,avx512vl,avx512bw,avx512dq")]
                unsafe fn tiles<V: Vector, const ROWS: usize>(work: &Channels<V::Element>) {
                    // SAFETY: the caller's conditions are those of the work.
                    unsafe { channels::<V, ROWS, 12, 6, true>(work) }
                }
                // SAFETY: the caller's conditions, and as many registers as the channels need.
                unsafe {
                    match work.outputs.div_ceil(<$whole>::LANES) {
                        1 if work.outputs <= <$half>::LANES => tiles::<$half, 1>(work),
                        1 => tiles::<$whole, 1>(work),
                        2 => tiles::<$whole, 2>(work),
                        _ => unreachable!("no such panel"),
                    }
                }
            }

            unsafe fn gather(work: &Gather<$element>) {
                #[target_feature(enable = "avx2,fma,avx512f,avx512vl,avx512bw,avx512dq")]
                unsafe fn tiles<V: Vector, const ROWS: usize>(work: &Gather<V::Element>) {
                    // SAFETY: the caller's conditions are those of the work.
                    unsafe { gather::<V, ROWS, 12, 6>(work) }
                }
                // SAFETY: the caller's conditions, and as many registers as the channels need.
                unsafe {
                    match work.outputs.div_ceil(<$whole>::LANES) {
                        1 if work.outputs <= <$half>::LANES => tiles::<$half, 1>(work),
                        1 => tiles::<$whole, 1>(work),
                        2 => tiles::<$whole, 2>(work),
                        _ => unreachable!("no such panel"),
                    }
                }
            }

            unsafe fn row_sums(panel: &Panel<$element>) {
                #[target_feature(enable = "avx2,fma,avx512f,avx512vl,avx512bw,avx512dq")]
                unsafe fn tiles<V: Vector, const ROWS: usize>(panel: &Panel<V::Element>) {
                    // SAFETY: the caller's conditions are those of the panel.
                    unsafe { row_sums::<V, ROWS, true>(panel) }
                }
                // SAFETY: the caller's conditions, and as many registers as the rows need.
                unsafe {
                    match panel.rows.div_ceil(<$whole>::LANES) {
                        1 => tiles::<$whole, 1>(panel),
                        2 => tiles::<$whole, 2>(panel),
                        3 => tiles::<$whole, 3>(panel),
                        4 => tiles::<$whole, 4>(panel),
                        _ => unreachable!("no such panel"),
                    }
                }
            }

            unsafe fn transpose(block: &transpose::Block<$element>) {
                // SAFETY: the machine has AVX2 too.
                unsafe { $transpose(block) }
            }
        }
    };
}

/// The tiles for 16 registers: up to 12 sums, and variants without masks.
macro_rules! narrow {
    (
        $(#[$feature:meta])*
        $name:ident $(<$r:ident: $bound:path>)?, $element:ty, $vector:ty, $transpose:path
    ) => {
        // SAFETY: the functions below are compiled with the features that a machine
        // with this path has; panels are as the callers vouch.
        unsafe impl $(<$r: $bound>)? Engine for $name $(<$r>)? {
            type Element = $element;
            const LANES: usize = <$vector>::LANES;

            fn height(left: usize, split: usize, single: bool) -> usize {
                let most = match split {
                    1 => 3,
                    2 => 2,
                    _ => 1,
                };
                height(left, <$vector>::LANES, most, single && split == 1)
            }

            unsafe fn columns(panel: &Panel<$element>, split: usize) {
                $(#[$feature])*
                unsafe fn tiles<
                    V: Vector,
                    const ROWS: usize,
                    const SPLIT: usize,
                    const COLUMNS: usize,
                >(
                    panel: &Panel<V::Element>,
                ) {
                    // SAFETY: the caller's conditions are those of the panel.
                    unsafe {
                        if panel.rows % V::LANES == 0 {
                            columns::<V, ROWS, SPLIT, COLUMNS, false>(panel);
                        } else {
                            columns::<V, ROWS, SPLIT, COLUMNS, true>(panel);
                        }
                    }
                }
                // SAFETY: the caller's conditions, and as many registers as the rows need.
                unsafe {
                    match (split, panel.rows.div_ceil(<$vector>::LANES)) {
                        (4, 1) => tiles::<$vector, 1, 4, 3>(panel),
                        (2, 1) => tiles::<$vector, 1, 2, 6>(panel),
                        (2, 2) => tiles::<$vector, 2, 2, 3>(panel),
                        (1, 1) => tiles::<$vector, 1, 1, 12>(panel),
                        (1, 2) => tiles::<$vector, 2, 1, 6>(panel),
                        (1, 3) => tiles::<$vector, 3, 1, 4>(panel),
                        (1, SINGLE) => tiles::<$vector, SINGLE, 1, 1>(panel),
                        _ => unreachable!("no such panel"),
                    }
                }
            }

            unsafe fn outer(panel: &Panel<$element>) {
                $(#[$feature])*
                unsafe fn tiles<V: Vector, const ROWS: usize, const COLUMNS: usize>(
                    panel: &Panel<V::Element>,
                ) {
                    // SAFETY: the caller's conditions are those of the panel.
                    unsafe {
                        if panel.rows % V::LANES == 0 {
                            outer::<V, ROWS, COLUMNS, false>(panel);
                        } else {
                            outer::<V, ROWS, COLUMNS, true>(panel);
                        }
                    }
                }
                // SAFETY: the caller's conditions, and as many registers as the rows need.
                unsafe {
                    match panel.rows.div_ceil(<$vector>::LANES) {
                        1 => tiles::<$vector, 1, 12>(panel),
                        2 => tiles::<$vector, 2, 6>(panel),
                        3 => tiles::<$vector, 3, 4>(panel),
                        _ => unreachable!("no such panel"),
                    }
                }
            }

            unsafe fn slide(work: &Slide<$element>) {
                $(#[$feature])*
                unsafe fn tiles<V: Vector>(work: &Slide<V::Element>) {
                    // SAFETY: the caller's conditions are those of the work.
                    unsafe {
                        if work.width.is_multiple_of(V::LANES) {
                            slide::<V, 3, 4, false>(work);
                        } else {
                            slide::<V, 3, 4, true>(work);
                        }
                    }
                }
                // SAFETY: the caller's conditions.
                unsafe { tiles::<$vector>(work) }
            }

            unsafe fn correlate(work: &Correlate<$element>) {
                $(#[$feature])*
                unsafe fn tiles<V: Vector>(work: &Correlate<V::Element>) {
                    // SAFETY: the caller's conditions are those of the work.
                    unsafe { correlate::<V, 3, 4, 6>(work) }
                }
                // SAFETY: the caller's conditions.
                unsafe { tiles::<$vector>(work) }
            }

            unsafe fn channels(work: &Channels<$element>) {
                $(#[$feature])*
                unsafe fn tiles<
                    V: Vector,
                    const ROWS: usize,
                    const COLUMNS: usize,
                    const FEW: usize,
                >(
                    work: &Channels<V::Element>,
                ) {
                    // SAFETY: the caller's conditions are those of the work.
                    unsafe {
                        if work.outputs % V::LANES == 0 {
                            channels::<V, ROWS, COLUMNS, FEW, false>(work);
                        } else {
                            channels::<V, ROWS, COLUMNS, FEW, true>(work);
                        }
                    }
                }
                // SAFETY: the caller's conditions, and as many registers as the channels need.
                unsafe {
                    match work.outputs.div_ceil(<$vector>::LANES) {
                        1 => tiles::<$vector, 1, 12, 6>(work),
                        2 => tiles::<$vector, 2, 6, 3>(work),
                        _ => unreachable!("no such panel"),
                    }
                }
            }

            unsafe fn gather(work: &Gather<$element>) {
                $(#[$feature])*
                unsafe fn tiles<
                    V: Vector,
                    const ROWS: usize,
                    const COLUMNS: usize,
                    const FEW: usize,
                >(
                    work: &Gather<V::Element>,
                ) {
                    // SAFETY: the caller's conditions are those of the work.
                    unsafe { gather::<V, ROWS, COLUMNS, FEW>(work) }
                }
                // SAFETY: the caller's conditions, and as many registers as the channels need.
                unsafe {
                    match work.outputs.div_ceil(<$vector>::LANES) {
                        1 => tiles::<$vector, 1, 12, 6>(work),
                        2 => tiles::<$vector, 2, 6, 3>(work),
                        _ => unreachable!("no such panel"),
                    }
                }
            }

            unsafe fn row_sums(panel: &Panel<$element>) {
                $(#[$feature])*
                unsafe fn tiles<V: Vector, const ROWS: usize>(panel: &Panel<V::Element>) {
                    // SAFETY: the caller's conditions are those of the panel.
                    unsafe { row_sums::<V, ROWS, true>(panel) }
                }
                // SAFETY: the caller's conditions, and as many registers as the rows need.
                unsafe {
                    match panel.rows.div_ceil(<$vector>::LANES) {
                        1 => tiles::<$vector, 1>(panel),
                        2 => tiles::<$vector, 2>(panel),
                        3 => tiles::<$vector, 3>(panel),
                        _ => unreachable!("no such panel"),
                    }
                }
            }

            unsafe fn transpose(block: &transpose::Block<$element>) {
                // SAFETY: the caller's conditions.
                unsafe { $transpose(block) }
            }
        }
    };
}

#[cfg(target_arch = "x86_64")]
wide!(
    Avx512F32,
    f32,
    avx512::F32x16,
    avx512::F32x8,
    transpose::avx2_f32,
    interleaved::run,
    interleaved::outer
);
#[cfg(target_arch = "x86_64")]
wide!(
    Avx512F64,
    f64,
    avx512::F64x8,
    avx512::F64x4,
    transpose::avx2_f64
);

/// AVX2 for `f32`.
#[cfg(target_arch = "x86_64")]
pub(super) struct Avx2F32;
/// AVX2 for `f64`.
#[cfg(target_arch = "x86_64")]
pub(super) struct Avx2F64;

#[cfg(target_arch = "x86_64")]
narrow!(
    #[target_feature(enable = "avx2,fma")]
    Avx2F32,
    f32,
    avx2::F32x8,
    transpose::avx2_f32
);
#[cfg(target_arch = "x86_64")]
narrow!(
    #[target_feature(enable = "avx2,fma")]
    Avx2F64,
    f64,
    avx2::F64x4,
    transpose::avx2_f64
);

/// Sixteen bytes, or a pair of registers where there are 32 of them.
const BYTES: usize = if cfg!(target_arch = "aarch64") {
    32
} else {
    16
};

/// Portable code for `f32`, computing in `R`.
pub(super) struct PortableF32<R>(core::marker::PhantomData<R>);
/// Portable code for `f64`, computing in `R`.
pub(super) struct PortableF64<R>(core::marker::PhantomData<R>);

narrow!(
    PortableF32<R: super::Number<f32>>, f32, Lanes<f32, R, { BYTES / 4 }>, transpose::portable
);
narrow!(
    PortableF64<R: super::Number<f64>>, f64, Lanes<f64, R, { BYTES / 8 }>, transpose::portable
);
