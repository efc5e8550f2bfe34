//! Which instruction set the kernels run on: found once, and forced in tests.

use core::fmt;

/// The instruction set that the kernels run on.
///
/// A value exists only for a path that this machine can run, so holding one is
/// the proof that a kernel needs.
///
/// Paths that round a product and a sum once ([`SimdPath::is_fused`]) give the
/// same bits; so do the paths that round twice, among themselves.
///
/// ```
/// println!("the live path is {}", network_core::simd_path());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SimdPath(pub(super) Kind);

/// The paths; the numbers are those of the cache, in which 0 means "not yet known".
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub(super) enum Kind {
    /// What the target's baseline offers.
    Portable = 1,
    /// Portable code with a fused multiply-add that may be a library call: slow,
    /// but with the bits of the paths below.
    PortableFused = 2,
    /// 256-bit vectors and fused multiply-add.
    #[cfg(target_arch = "x86_64")]
    Avx2Fma = 3,
    /// 512-bit vectors, masks and fused multiply-add.
    #[cfg(target_arch = "x86_64")]
    Avx512 = 4,
}

/// Whether the target's baseline multiplies and adds in one instruction.
pub(super) const BASELINE_FMA: bool = cfg!(any(
    all(
        any(target_arch = "x86", target_arch = "x86_64"),
        target_feature = "fma"
    ),
    all(target_arch = "aarch64", target_feature = "neon"),
    all(
        feature = "std",
        any(
            all(target_arch = "riscv64", target_feature = "d"),
            target_arch = "powerpc64",
            target_arch = "s390x",
            target_arch = "loongarch64",
        )
    ),
));

#[cfg(all(target_arch = "x86_64", feature = "std"))]
macro_rules! has {
    ($($feature:tt),+) => { $(std::arch::is_x86_feature_detected!($feature))&&+ };
}
#[cfg(all(target_arch = "x86_64", not(feature = "std")))]
macro_rules! has {
    ($($feature:tt),+) => { $(cfg!(target_feature = $feature))&&+ };
}

impl SimdPath {
    /// The path that every machine has.
    pub const PORTABLE: Self = Self(Kind::Portable);

    /// The live path: the best of this machine, or the one that was forced.
    ///
    /// Found once, then read from a cache. Without `std` the best path is that of
    /// the target features given to the compiler.
    #[inline]
    pub fn detect() -> Self {
        #[cfg(feature = "std")]
        {
            live::get()
        }
        #[cfg(not(feature = "std"))]
        {
            Self::best()
        }
    }

    /// All paths of this machine, the slowest first, the best one last.
    pub fn available() -> impl Iterator<Item = Self> {
        [
            Some(Self::PORTABLE),
            (cfg!(feature = "std") && !BASELINE_FMA).then_some(Self(Kind::PortableFused)),
            Self::avx2_fma(),
            Self::avx512(),
        ]
        .into_iter()
        .flatten()
    }

    /// Makes the whole process use one path, to compare paths; `None` goes back
    /// to the best.
    #[cfg(feature = "std")]
    pub fn force(path: Option<Self>) {
        live::set(path.unwrap_or_else(Self::best));
    }

    /// Whether `a * b + c` is rounded once.
    pub fn is_fused(self) -> bool {
        BASELINE_FMA || self != Self::PORTABLE
    }

    #[cfg_attr(feature = "std", cold)]
    fn best() -> Self {
        Self::avx512()
            .or_else(Self::avx2_fma)
            .unwrap_or(Self::PORTABLE)
    }

    #[cfg(target_arch = "x86_64")]
    fn avx2_fma() -> Option<Self> {
        has!("avx2", "fma").then_some(Self(Kind::Avx2Fma))
    }

    #[cfg(target_arch = "x86_64")]
    fn avx512() -> Option<Self> {
        has!("avx2", "fma", "avx512f", "avx512vl", "avx512bw", "avx512dq")
            .then_some(Self(Kind::Avx512))
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn avx2_fma() -> Option<Self> {
        None
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn avx512() -> Option<Self> {
        None
    }
}

#[cfg(feature = "std")]
mod live {
    use super::{Kind, SimdPath};
    use core::sync::atomic::{AtomicU8, Ordering};

    static LIVE: AtomicU8 = AtomicU8::new(0);

    #[inline]
    pub(super) fn get() -> SimdPath {
        // A number gets into the cache only from a `SimdPath`, so the machine has the path.
        match LIVE.load(Ordering::Relaxed) {
            #[cfg(target_arch = "x86_64")]
            4 => SimdPath(Kind::Avx512),
            #[cfg(target_arch = "x86_64")]
            3 => SimdPath(Kind::Avx2Fma),
            2 => SimdPath(Kind::PortableFused),
            1 => SimdPath(Kind::Portable),
            _ => {
                let best = SimdPath::best();
                set(best);
                best
            }
        }
    }

    pub(super) fn set(path: SimdPath) {
        LIVE.store(path.0 as u8, Ordering::Relaxed);
    }
}

/// The instruction set that networks run on in this process: see [`SimdPath`].
pub fn simd_path() -> SimdPath {
    SimdPath::detect()
}

impl fmt::Display for SimdPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self.0 {
            Kind::Portable => "portable",
            Kind::PortableFused => "portable with FMA",
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2Fma => "AVX2 + FMA",
            #[cfg(target_arch = "x86_64")]
            Kind::Avx512 => "AVX-512",
        })
    }
}

impl fmt::Debug for SimdPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SimdPath({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_path_is_the_last_available_one() {
        assert_eq!(SimdPath::available().last(), Some(SimdPath::best()));
        assert_eq!(SimdPath::available().next(), Some(SimdPath::PORTABLE));
    }

    #[test]
    fn every_path_that_is_not_portable_rounds_once() {
        for path in SimdPath::available().skip(1) {
            assert!(path.is_fused(), "{path}");
        }
    }
}
