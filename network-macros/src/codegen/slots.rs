//! Scratch memory as numbered slots, each used again as soon as nobody needs it.

use crate::shape::Size;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

pub(super) type SlotId = usize;

/// The slots of one function.
#[derive(Default)]
pub(super) struct Slots {
    /// All sizes that each slot has held.
    held: Vec<Vec<Size>>,
    /// How many hold on to each slot.
    users: Vec<usize>,
    /// The size that each slot holds, if it is always the same and already known.
    only: Vec<Option<Size>>,
}

impl Slots {
    /// Slots for what these were used for, which now know whether they hold one size.
    pub(super) fn anew(&self) -> Self {
        let only = self.held.iter().map(|sizes| match sizes.as_slice() {
            [size] => Some(size.clone()),
            _ => None,
        });
        Self {
            only: only.collect(),
            ..Self::default()
        }
    }

    /// The size that a slot holds, if it is one and known before the end.
    pub(super) fn only(&self, slot: SlotId) -> Option<&Size> {
        self.only.get(slot)?.as_ref()
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.held.len()
    }

    /// A slot that nobody uses; the caller uses it.
    pub(super) fn take(&mut self, len: &Size) -> SlotId {
        let free = |slot: &SlotId| self.users[*slot] == 0;
        let fits = |slot: &SlotId| {
            self.held[*slot]
                .iter()
                .any(|held| held.same(len) == Some(true))
        };
        let slot = (0..self.users.len())
            .filter(free)
            .find(fits)
            .or_else(|| (0..self.users.len()).find(free))
            .unwrap_or_else(|| {
                self.held.push(Vec::new());
                self.users.push(0);
                self.users.len() - 1
            });
        if !self.held[slot]
            .iter()
            .any(|held| held.same(len) == Some(true))
        {
            self.held[slot].push(len.clone());
        }
        self.users[slot] += 1;
        slot
    }

    /// One more user.
    pub(super) fn share(&mut self, slot: SlotId) {
        self.users[slot] += 1;
    }

    /// One user less.
    pub(super) fn release(&mut self, slot: SlotId) {
        self.users[slot] -= 1;
    }

    /// Whether the slot has one user, who may then change it.
    pub(super) fn is_sole(&self, slot: SlotId) -> bool {
        self.users[slot] == 1
    }

    pub(super) fn name(slot: SlotId) -> syn::Ident {
        format_ident!("slot_{}", slot + 1, span = proc_macro2::Span::mixed_site())
    }

    /// The entries per sample of one slot.
    fn entries(&self, slot: SlotId, krate: &TokenStream) -> Size {
        let held = self.held[slot].as_slice();
        let known: Option<Vec<usize>> = held.iter().map(Size::known).collect();
        match (known, held) {
            (Some(known), _) => Size::Known(known.into_iter().max().unwrap_or(0)),
            (None, [size]) => size.clone(),
            (None, sizes) => {
                let sizes = sizes.iter().map(Size::expr);
                let max = quote!(#krate::__private::max(&[#(#sizes),*]));
                Size::symbolic(max, "the largest of several".to_owned())
            }
        }
    }

    /// The entries per sample of all slots, as terms of a sum.
    pub(super) fn terms(&self, krate: &TokenStream) -> Vec<TokenStream> {
        let lens: Vec<Size> = (0..self.held.len())
            .map(|slot| self.entries(slot, krate))
            .collect();
        let known: usize = lens.iter().filter_map(Size::known).sum();
        let symbolic = lens
            .iter()
            .filter(|len| len.known().is_none())
            .map(Size::expr);
        let mut terms: Vec<TokenStream> = symbolic.collect();
        if known > 0 {
            terms.push(Size::Known(known).expr());
        }
        terms
    }

    /// `let (slot_1, scratch) = slot::<f32, 64>(scratch, n);` for each slot: samples where all are
    /// of one size, else `let (slot_1, scratch) = scratch.split_at_mut(n * 64);`.
    pub(super) fn declare(&self, krate: &TokenStream, scalar: &syn::Ident) -> TokenStream {
        (0..self.held.len())
            .map(|slot| {
                let name = Self::name(slot);
                if let Some(len) = self.only(slot) {
                    return quote! { let (#name, scratch) = #krate::__private::slot::<#scalar, #len>(scratch, n); };
                }
                let len = self.entries(slot, krate).operand();
                quote! { let (#name, scratch) = scratch.split_at_mut(n * #len); }
            })
            .collect()
    }
}
