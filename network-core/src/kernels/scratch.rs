//! Scratch memory on the stack, of which only what is used is touched.

use bytemuck::Pod;
use core::mem::MaybeUninit;

/// As big as `S`, and where a cache line begins.
#[repr(align(64))]
struct Memory<S>(S);

/// Lends `task` the first `count` numbers of memory of the size of `S`, set to zero.
///
/// # Panics
///
/// If there are not so many.
#[inline(never)]
pub fn on_stack<S: Pod, T: Pod>(count: usize, task: impl FnOnce(&mut [T])) {
    assert!(count <= size_of::<S>() / size_of::<T>());
    assert!(align_of::<T>() <= align_of::<Memory<S>>());
    // Uninitialised as a whole: of a part, builds without optimisation make two copies.
    let mut memory = MaybeUninit::<Memory<S>>::uninit();
    let first: *mut T = memory.as_mut_ptr().cast();
    // SAFETY: the memory is big enough for `count` numbers, aligned for them, and lives
    // until `task` returns; zeros are numbers, since `T` is `Pod`.
    let scratch = unsafe {
        first.write_bytes(0, count);
        core::slice::from_raw_parts_mut(first, count)
    };
    task(scratch);
}
