//! Where each value of the forward pass of training lives: the caller's `x` and
//! `y`, or a buffer of the cache; a layer that may overwrites its input.

use super::Writer;
use crate::model::{InPlace, Operation, Value, ValueId};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

/// The storage of all values of a block.
pub(super) struct Storage {
    /// The value whose memory each value shares; itself if none.
    roots: Vec<ValueId>,
    /// The block's output.
    pub(super) last: ValueId,
}

impl Storage {
    /// Whether an operation's output overwrites the given input.
    pub(super) fn overwrites(&self, output: ValueId, input: ValueId) -> bool {
        output != input && self.roots[output] == self.roots[input]
    }

    fn is_output(&self, value: ValueId) -> bool {
        self.roots[value] == self.roots[self.last]
    }

    /// The first values of all buffers in the cache.
    pub(super) fn buffers(&self) -> impl Iterator<Item = ValueId> + '_ {
        (1..self.roots.len())
            .filter(|value| self.roots[*value] == *value && !self.is_output(*value))
    }
}

/// The field of a value's buffer.
pub(super) fn buffer_name(value: &Value) -> syn::Ident {
    format_ident!("{}_output", value.name)
}

impl Writer<'_> {
    /// Decides where values live in training.
    pub(super) fn storage(&self) -> Storage {
        let makers = self.block.makers();
        self.storage_for(|operation, input| self.may_overwrite(operation, makers[input]))
    }

    /// Decides where values live, given which inputs an operation may overwrite.
    pub(super) fn storage_for(&self, may: impl Fn(&Operation, ValueId) -> bool) -> Storage {
        let mut roots: Vec<ValueId> = (0..self.block.values.len()).collect();
        let uses = self.block.uses();
        let mut last = 0;
        for operation in &self.block.operations {
            last = operation.output();
            let target = match operation {
                Operation::Layer { input, .. } => *input,
                Operation::Residual { skip, branch, .. } if roots[*skip] != roots[*branch] => {
                    *branch
                }
                Operation::Residual { .. }
                | Operation::Multiply { .. }
                | Operation::Unpad { .. }
                | Operation::Concat { .. } => continue,
            };
            if target != 0 && uses[target] == 1 && may(operation, target) {
                roots[last] = roots[target];
            }
        }
        Storage { roots, last }
    }

    /// In training: the operation does not need its input again, nor does the
    /// input's maker need its output.
    fn may_overwrite(&self, operation: &Operation, maker: Option<&Operation>) -> bool {
        let in_place = match operation {
            Operation::Layer { field, .. } => {
                self.block.fields[*field].layer.in_place == InPlace::Always
            }
            Operation::Residual { .. } => true,
            Operation::Multiply { .. } | Operation::Unpad { .. } | Operation::Concat { .. } => {
                false
            }
        };
        let maker_reads = match maker {
            Some(Operation::Layer { field, .. }) => self.block.fields[*field].layer.reads_output,
            _ => false,
        };
        in_place && !maker_reads
    }

    /// A value of the forward pass, to read.
    pub(super) fn read(&self, storage: &Storage, value: ValueId) -> TokenStream {
        if value == 0 {
            quote!(x)
        } else if storage.is_output(value) {
            quote!(&*y)
        } else {
            let krate = self.krate;
            let buffer = buffer_name(&self.block.values[storage.roots[value]]);
            quote!(#krate::__private::first(&cache.#buffer, n))
        }
    }

    /// A value of the forward pass, to write.
    pub(super) fn write(&self, storage: &Storage, value: ValueId) -> TokenStream {
        if storage.is_output(value) {
            quote!(&mut *y)
        } else {
            let krate = self.krate;
            let buffer = buffer_name(&self.block.values[storage.roots[value]]);
            quote!(#krate::__private::first_mut(&mut cache.#buffer, n))
        }
    }
}
