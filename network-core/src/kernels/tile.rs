//! Matrix products of one panel of rows, tile by tile, in registers.
//!
//! A panel is `ROWS` registers high; a tile is a panel by a few columns, all of
//! whose sums stay in registers while the loop runs over the depth.
//!
//! **The order of every sum is fixed by the shape of the layer alone**, not by the
//! path, the tile, or the batch: in [`columns`], `SPLIT` partial sums (how many, the rows
//! of `dense.rs` say), of which number `s` takes the terms `s`, `s + SPLIT`, .., and in the
//! end `(0 + 1) + (2 + 3)`; in [`row_sums`] four of them; in [`outer`], one sum in order.
//! The first partial sum starts with the bias or with what the element already holds.

use super::vector::Vector;
use crate::Real;

/// Where a sum starts.
#[derive(Clone, Copy)]
pub(super) enum Start<T> {
    /// At zero.
    Zero,
    /// At a number for each row.
    Bias(*const T),
    /// At a number for each column.
    Columns(*const T),
    /// At what the element holds.
    Resume,
}

/// The product of a panel: `C = start + A B`, columns of A and C contiguous.
///
/// # Safety
///
/// Whoever runs one vouches that A has `depth` columns of `rows` numbers,
/// `a_stride` apart, that C has `columns` such columns, `c_stride` apart, and that B
/// is as [`columns`] or [`outer`] says; C overlaps neither.
#[derive(Clone, Copy)]
pub(super) struct Panel<T> {
    pub(super) rows: usize,
    pub(super) depth: usize,
    pub(super) columns: usize,
    pub(super) a: *const T,
    pub(super) a_stride: usize,
    pub(super) b: *const T,
    pub(super) b_stride: usize,
    pub(super) c: *mut T,
    pub(super) c_stride: usize,
    pub(super) start: Start<T>,
}

impl<T: Copy> Panel<T> {
    /// The panel of the rows below, in the same matrices.
    pub(super) fn below(&self) -> Self {
        Self {
            a: self.a.wrapping_add(self.rows),
            c: self.c.wrapping_add(self.rows),
            start: match self.start {
                Start::Bias(bias) => Start::Bias(bias.wrapping_add(self.rows)),
                ref start => *start,
            },
            ..*self
        }
    }
}

/// The lanes of a panel's last register.
struct Edge<V: Vector> {
    mask: V::Mask,
    full: bool,
}

impl<V: Vector> Edge<V> {
    #[inline(always)]
    unsafe fn new<const ROWS: usize>(rows: usize) -> Self {
        let count = rows - (ROWS - 1) * V::LANES;
        Self {
            // SAFETY: the caller's instruction set.
            mask: unsafe { V::mask(count) },
            full: count == V::LANES,
        }
    }

    /// A panel's column. With `MASKED`, the last register may have missing lanes.
    #[inline(always)]
    unsafe fn load<const ROWS: usize, const MASKED: bool>(
        &self,
        from: *const V::Element,
    ) -> [V; ROWS] {
        // SAFETY: the caller vouches for `rows` numbers at `from`.
        unsafe {
            let mut column = [V::splat(V::Element::ZERO); ROWS];
            for m in 0..ROWS {
                column[m] = if MASKED && m == ROWS - 1 {
                    V::load_masked(from.add(m * V::LANES), self.mask)
                } else {
                    V::load(from.add(m * V::LANES))
                };
            }
            column
        }
    }

    #[inline(always)]
    unsafe fn store<const ROWS: usize, const MASKED: bool>(
        &self,
        column: &[V; ROWS],
        to: *mut V::Element,
    ) {
        // SAFETY: the caller vouches for `rows` numbers at `to`.
        unsafe {
            for m in 0..ROWS {
                if MASKED && m == ROWS - 1 && !self.full {
                    column[m].store_masked(to.add(m * V::LANES), self.mask);
                } else {
                    column[m].store(to.add(m * V::LANES));
                }
            }
        }
    }

    /// The sums that a tile's columns start with.
    #[inline(always)]
    unsafe fn start<const ROWS: usize, const COLUMNS: usize, const MASKED: bool>(
        &self,
        panel: &Panel<V::Element>,
        first: usize,
    ) -> [[V; ROWS]; COLUMNS] {
        // SAFETY: the panel's conditions.
        unsafe {
            match panel.start {
                Start::Zero => [[V::splat(V::Element::ZERO); ROWS]; COLUMNS],
                Start::Bias(bias) => [self.load::<ROWS, MASKED>(bias); COLUMNS],
                Start::Columns(bias) => {
                    let mut sums = [[V::splat(V::Element::ZERO); ROWS]; COLUMNS];
                    for j in 0..COLUMNS {
                        sums[j] = [V::splat(*bias.add(first + j)); ROWS];
                    }
                    sums
                }
                Start::Resume => {
                    let mut sums = [[V::splat(V::Element::ZERO); ROWS]; COLUMNS];
                    for j in 0..COLUMNS {
                        let from = panel.c.add((first + j) * panel.c_stride);
                        sums[j] = self.load::<ROWS, MASKED>(from);
                    }
                    sums
                }
            }
        }
    }
}

/// `sums += a b`, where `b` holds a number for each column.
#[inline(always)]
unsafe fn rank_one<V: Vector, const ROWS: usize, const COLUMNS: usize>(
    sums: &mut [[V; ROWS]; COLUMNS],
    a: [V; ROWS],
    b: impl Fn(usize) -> *const V::Element,
) {
    // SAFETY: the caller's instruction set, and good pointers.
    unsafe {
        for j in 0..COLUMNS {
            let b = V::splat(*b(j));
            for m in 0..ROWS {
                sums[j][m] = a[m].mul_add(b, sums[j][m]);
            }
        }
    }
}

/// A panel where column `j` of B is `depth` contiguous numbers at `b + j * b_stride`;
/// tiles of `COLUMNS` columns, then of fewer.
#[inline(always)]
pub(super) unsafe fn columns<
    V: Vector,
    const ROWS: usize,
    const SPLIT: usize,
    const COLUMNS: usize,
    const MASKED: bool,
>(
    panel: &Panel<V::Element>,
) {
    // SAFETY: the panel's conditions; tiles cover the columns without overlap.
    unsafe {
        let edge = Edge::new::<ROWS>(panel.rows);
        let mut first = 0;
        while panel.columns - first >= COLUMNS {
            columns_tile::<V, ROWS, SPLIT, COLUMNS, MASKED>(panel, &edge, first);
            first += COLUMNS;
        }
        if COLUMNS > 6 && panel.columns - first >= 6 {
            columns_tile::<V, ROWS, SPLIT, 6, MASKED>(panel, &edge, first);
            first += 6;
        }
        if COLUMNS > 4 && panel.columns - first >= 4 {
            columns_tile::<V, ROWS, SPLIT, 4, MASKED>(panel, &edge, first);
            first += 4;
        }
        if COLUMNS > 2 && panel.columns - first >= 2 {
            columns_tile::<V, ROWS, SPLIT, 2, MASKED>(panel, &edge, first);
            first += 2;
        }
        if COLUMNS > 1 && panel.columns - first >= 1 {
            columns_tile::<V, ROWS, SPLIT, 1, MASKED>(panel, &edge, first);
        }
    }
}

#[inline(always)]
unsafe fn columns_tile<
    V: Vector,
    const ROWS: usize,
    const SPLIT: usize,
    const COLUMNS: usize,
    const MASKED: bool,
>(
    panel: &Panel<V::Element>,
    edge: &Edge<V>,
    first: usize,
) {
    // SAFETY: the panel's conditions; `first + COLUMNS` is at most its columns.
    unsafe {
        let Panel {
            depth,
            a_stride,
            mut a,
            ..
        } = *panel;
        let mut b = [panel.b; COLUMNS];
        for j in 0..COLUMNS {
            b[j] = panel.b.add((first + j) * panel.b_stride);
        }
        let mut sums = [[[V::splat(V::Element::ZERO); ROWS]; COLUMNS]; SPLIT];
        sums[0] = edge.start::<ROWS, COLUMNS, MASKED>(panel, first);
        let mut k = 0;
        while depth - k >= SPLIT {
            for s in 0..SPLIT {
                let row = edge.load::<ROWS, MASKED>(a);
                rank_one(
                    &mut sums[s],
                    row,
                    #[inline(always)]
                    |j| b[j].add(k + s),
                );
                a = a.add(a_stride);
            }
            k += SPLIT;
        }
        for s in 0..SPLIT - 1 {
            if k < depth {
                let row = edge.load::<ROWS, MASKED>(a);
                rank_one(
                    &mut sums[s],
                    row,
                    #[inline(always)]
                    |j| b[j].add(k),
                );
                a = a.add(a_stride);
                k += 1;
            }
        }
        for j in 0..COLUMNS {
            let mut column = sums[0][j];
            for m in 0..ROWS {
                if SPLIT >= 2 {
                    column[m] = column[m].add(sums[1][j][m]);
                }
                if SPLIT == 4 {
                    column[m] = column[m].add(sums[2][j][m].add(sums[3][j][m]));
                }
            }
            let to = panel.c.add((first + j) * panel.c_stride);
            edge.store::<ROWS, MASKED>(&column, to);
        }
    }
}

/// A panel where row `k` of B is `columns` contiguous numbers at `b + k * b_stride`.
#[inline(always)]
pub(super) unsafe fn outer<
    V: Vector,
    const ROWS: usize,
    const COLUMNS: usize,
    const MASKED: bool,
>(
    panel: &Panel<V::Element>,
) {
    // SAFETY: the panel's conditions; tiles cover the columns without overlap.
    unsafe {
        let edge = Edge::new::<ROWS>(panel.rows);
        let mut first = 0;
        while panel.columns - first >= COLUMNS {
            outer_tile::<V, ROWS, COLUMNS, MASKED>(panel, &edge, first);
            first += COLUMNS;
        }
        while COLUMNS > 4 && panel.columns - first >= 4 {
            outer_tile::<V, ROWS, 4, MASKED>(panel, &edge, first);
            first += 4;
        }
        if COLUMNS > 2 && panel.columns - first >= 2 {
            outer_tile::<V, ROWS, 2, MASKED>(panel, &edge, first);
            first += 2;
        }
        if COLUMNS > 1 && panel.columns - first >= 1 {
            outer_tile::<V, ROWS, 1, MASKED>(panel, &edge, first);
        }
    }
}

/// Computes the columns of a panel from one on: as many as it is compiled for.
pub(super) type OuterTile<T> = unsafe fn(&Panel<T>, usize);

/// As [`outer`], with tiles of nearly the same width, so that none has so few sums that
/// their latency shows. `tiles[k]` computes `k + 1` columns.
///
/// # Safety
///
/// The panel's conditions, and those of the tiles.
pub(super) unsafe fn outer_evenly<T>(panel: &Panel<T>, tiles: &[OuterTile<T>]) {
    let each = if panel.columns <= tiles.len() {
        panel.columns
    } else {
        panel.columns.div_ceil(panel.columns.div_ceil(tiles.len()))
    };
    let mut first = 0;
    while first < panel.columns {
        let count = each.min(panel.columns - first);
        // SAFETY: the caller's conditions; tiles cover the columns without overlap.
        unsafe { tiles[count - 1](panel, first) };
        first += count;
    }
}

/// A tile for [`outer_evenly`].
#[inline(always)]
pub(super) unsafe fn outer_part<V: Vector, const ROWS: usize, const COLUMNS: usize>(
    panel: &Panel<V::Element>,
    first: usize,
) {
    // SAFETY: the caller's conditions.
    unsafe {
        let edge = Edge::new::<ROWS>(panel.rows);
        outer_tile::<V, ROWS, COLUMNS, true>(panel, &edge, first);
    }
}

#[inline(always)]
unsafe fn outer_tile<V: Vector, const ROWS: usize, const COLUMNS: usize, const MASKED: bool>(
    panel: &Panel<V::Element>,
    edge: &Edge<V>,
    first: usize,
) {
    // SAFETY: the panel's conditions; `first + COLUMNS` is at most its columns.
    unsafe {
        let mut a = panel.a;
        let mut b = panel.b.add(first);
        let mut sums = edge.start::<ROWS, COLUMNS, MASKED>(panel, first);
        for _ in 0..panel.depth {
            let column = edge.load::<ROWS, MASKED>(a);
            rank_one(
                &mut sums,
                column,
                #[inline(always)]
                |j| b.add(j),
            );
            a = a.add(panel.a_stride);
            b = b.add(panel.b_stride);
        }
        for j in 0..COLUMNS {
            let to = panel.c.add((first + j) * panel.c_stride);
            edge.store::<ROWS, MASKED>(&sums[j], to);
        }
    }
}

/// `sums = start + A 1`: adds up the `depth` columns of A into one column, as four
/// partial sums.
#[inline(always)]
pub(super) unsafe fn row_sums<V: Vector, const ROWS: usize, const MASKED: bool>(
    panel: &Panel<V::Element>,
) {
    // SAFETY: the panel's conditions, with one column in C.
    unsafe {
        let edge = Edge::new::<ROWS>(panel.rows);
        let mut sums = [[V::splat(V::Element::ZERO); ROWS]; 4];
        [sums[0]] = edge.start::<ROWS, 1, MASKED>(panel, 0);
        let mut a = panel.a;
        let mut left = panel.depth;
        while left > 0 {
            for s in 0..4 {
                if s < left {
                    let column = edge.load::<ROWS, MASKED>(a);
                    for m in 0..ROWS {
                        sums[s][m] = sums[s][m].add(column[m]);
                    }
                    a = a.add(panel.a_stride);
                }
            }
            left = left.saturating_sub(4);
        }
        let mut column = sums[0];
        for m in 0..ROWS {
            column[m] = column[m].add(sums[1][m]).add(sums[2][m].add(sums[3][m]));
        }
        edge.store::<ROWS, MASKED>(&column, panel.c);
    }
}
