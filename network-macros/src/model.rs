//! A declaration whose names, shapes and defaults are settled: if it exists, code can be generated.

use crate::arguments::Number;
use crate::shape::{Shape, Size};
use proc_macro2::TokenStream;

/// A whole network.
pub(crate) struct Network {
    pub(crate) attributes: Vec<syn::Attribute>,
    pub(crate) visibility: syn::Visibility,
    pub(crate) scalar: syn::Ident,
    pub(crate) input: Shape,
    pub(crate) output: Shape,
    /// The bodies of `repeat`, innermost first, then the network itself.
    pub(crate) blocks: Vec<Block>,
    /// The network as the theory of signal propagation sees it; ids are indices of `sites`.
    pub(crate) nodes: Vec<network_flow::Node>,
    /// Where the nodes were written.
    pub(crate) sites: Vec<Site>,
    /// What is done with the theory's findings.
    pub(crate) policy: Policy,
    /// What will train it, for the theory's thresholds.
    pub(crate) optimizer: network_flow::Optimizer,
    /// Whether it can work on one step of its input at a time.
    pub(crate) streaming: Streaming,
    /// Free constants that let the compiler check what the macro could not.
    pub(crate) checks: Vec<TokenStream>,
}

/// Whether a network can work on one step of its input at a time.
pub(crate) enum Streaming {
    Yes,
    /// Its input is no sequence.
    NoSequence,
    /// Because of this layer.
    No(Obstacle),
}

impl Streaming {
    /// Whether it can.
    pub(crate) fn is_yes(&self) -> bool {
        matches!(self, Self::Yes)
    }
}

/// A layer that cannot work on one step at a time.
pub(crate) struct Obstacle {
    /// As it was written, such as `flatten`.
    pub(crate) declared: String,
    pub(crate) span: proc_macro2::Span,
    pub(crate) whole: Whole,
}

/// Why a layer needs a whole sequence: the end of a sentence that begins with it, and what helps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Whole {
    pub(crate) why: &'static str,
    pub(crate) help: &'static str,
}

impl Whole {
    /// Of layers that make fewer steps, or more.
    pub(crate) const OTHER_STEPS: Self = Self {
        why: "changes the number of steps",
        help: "a stream makes as many steps as it gets: leave it out, or put it after `last`",
    };
    /// Of layers of images.
    pub(crate) const IMAGE: Self = Self {
        why: "needs a whole image",
        help: "a stream is of sequences: see `conv1d` with `padding = causal`",
    };
}

/// A layer's place in the declaration.
pub(crate) struct Site {
    /// The path of its field, such as `blocks.*.dense_1`.
    pub(crate) name: String,
    /// The word of the language.
    pub(crate) word: String,
    /// As it was written, such as `dense(64)`.
    pub(crate) declared: String,
    pub(crate) span: proc_macro2::Span,
    /// Where `init = auto` asks for its gain.
    pub(crate) auto: Option<proc_macro2::Span>,
    /// Whether its findings are silenced.
    pub(crate) allowed: bool,
}

/// `#[gradient_flow(..)]` on the network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Policy {
    /// Notes are compiler warnings too.
    Note,
    #[default]
    Warn,
    Deny,
    Allow,
}

/// The network itself, or the body of a `repeat`: one struct in the generated code.
pub(crate) struct Block {
    pub(crate) name: syn::Ident,
    pub(crate) fields: Vec<Field>,
    /// What flows: value 0 is the block's input.
    pub(crate) values: Vec<Value>,
    /// In order; the last one makes the block's output.
    pub(crate) operations: Vec<Operation>,
}

impl Block {
    /// How often each value is used.
    pub(crate) fn uses(&self) -> Vec<usize> {
        let mut uses = vec![0; self.values.len()];
        for input in self.operations.iter().flat_map(Operation::inputs) {
            uses[input] += 1;
        }
        uses
    }

    /// The operation that makes each value; none makes the block's input.
    pub(crate) fn makers(&self) -> Vec<Option<&Operation>> {
        let mut makers = vec![None; self.values.len()];
        for operation in &self.operations {
            makers[operation.output()] = Some(operation);
        }
        makers
    }
}

/// A layer as a field.
pub(crate) struct Field {
    pub(crate) name: syn::Ident,
    pub(crate) layer: Layer,
    /// Its index in the network's sites.
    pub(crate) site: usize,
    /// For the documentation's table.
    pub(crate) input: Shape,
    /// Index of the block that a `repeat` holds, and how often.
    pub(crate) repeated: Option<(usize, Size)>,
}

impl Field {
    /// The word of the language that made it.
    pub(crate) fn name_of_layer(&self) -> &str {
        let declared = &self.layer.declared;
        declared.split('(').next().unwrap_or(declared)
    }
}

/// What the generator has to know of a layer. Made by the layer's row of the table.
pub(crate) struct Layer {
    /// Its type, such as `Dense<f32, 64, 10>`.
    pub(crate) ty: TokenStream,
    /// What `initialize` gets.
    pub(crate) config: TokenStream,
    pub(crate) output: Shape,
    /// Whether it has anything for optimizers or files.
    pub(crate) has_parameters: bool,
    /// Whether `forward` leaves more than `x` and `y` for `backward`.
    pub(crate) has_cache: bool,
    /// Whether it may need scratch memory.
    pub(crate) has_scratch: bool,
    /// Whether the macro does not know its types: its samples are cast, after a check.
    pub(crate) foreign: bool,
    /// Whether `backward` looks at `y`.
    pub(crate) reads_output: bool,
    /// What it does with one step of a sequence at a time.
    pub(crate) step: Step,
    /// How it may overwrite its input.
    pub(crate) in_place: InPlace,
    /// How the theory of signal propagation sees it.
    pub(crate) flow: network_flow::Layer,
    /// Whether the constant `AUTO_GAIN` in `config` is to be the gain that the theory finds.
    pub(crate) auto: bool,
    /// As a person would declare it, such as `dense(64)`.
    pub(crate) declared: String,
    /// Number of trained parameters, if the macro can tell.
    pub(crate) parameters: Option<usize>,
}

/// What becomes of a padded sequence: functions of the core's `layers::padding`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unpad {
    Last,
    Mean,
    Mask,
}

impl Unpad {
    /// The function's name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Last => "last",
            Self::Mean => "mean",
            Self::Mask => "mask",
        }
    }
}

/// Whether a layer implements the core's `Step`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// It looks at steps to come, or changes their number.
    Never(Whole),
    /// Its state is `()`.
    Alone,
    /// It remembers what came before.
    Remembers,
    /// Another network over sequences: the compiler knows whether it streams.
    Network,
    /// The user's own over sequences: the compiler knows whether it implements `Step`.
    Own,
    /// A network or the user's own from a vector: its inference is a step.
    Whole,
}

impl Step {
    /// Whether it has a state.
    pub(crate) fn remembers(self) -> bool {
        matches!(self, Self::Remembers | Self::Network | Self::Own)
    }

    /// Whether only the compiler knows that it streams.
    pub(crate) fn is_conditional(self) -> bool {
        matches!(self, Self::Network | Self::Own)
    }
}

/// Whether a layer has `forward_in_place` and `backward_in_place`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InPlace {
    Never,
    /// In inference only: `backward` needs the input.
    Inference,
    /// Always: `backward` needs at most the output.
    Always,
}

/// Something that flows between operations.
pub(crate) struct Value {
    pub(crate) len: Size,
    /// Entries of one step, if it is a sequence; else of all of it.
    pub(crate) step: Size,
    /// The name of its buffer, if it gets one.
    pub(crate) name: syn::Ident,
}

pub(crate) type ValueId = usize;

/// One step of the computation; each makes one value.
pub(crate) enum Operation {
    /// A field's layer.
    Layer {
        field: usize,
        input: ValueId,
        /// The sequence whose zeros say what is padding, if the layer is told.
        padded: Option<ValueId>,
        output: ValueId,
    },
    /// `skip + scale * branch`.
    Residual {
        skip: ValueId,
        branch: ValueId,
        scale: Number,
        output: ValueId,
    },
    /// `a * b`
    Multiply {
        factors: [ValueId; 2],
        output: ValueId,
    },
    /// What is left of a sequence without its padding.
    Unpad {
        unpad: Unpad,
        steps: Size,
        input: ValueId,
        /// The sequence whose zeros say what is padding.
        padded: ValueId,
        output: ValueId,
    },
    /// Parts one after the other.
    Concat {
        parts: Vec<ValueId>,
        /// How many steps have their parts side by side: 1 unless they are sequences.
        steps: Size,
        output: ValueId,
    },
}

impl Operation {
    pub(crate) fn output(&self) -> ValueId {
        match self {
            Self::Layer { output, .. }
            | Self::Residual { output, .. }
            | Self::Multiply { output, .. }
            | Self::Unpad { output, .. }
            | Self::Concat { output, .. } => *output,
        }
    }

    pub(crate) fn inputs(&self) -> Vec<ValueId> {
        match self {
            Self::Layer { input, padded, .. } => std::iter::once(*input).chain(*padded).collect(),
            Self::Residual { skip, branch, .. } => vec![*skip, *branch],
            Self::Multiply { factors, .. } => factors.to_vec(),
            Self::Unpad { input, padded, .. } => vec![*input, *padded],
            Self::Concat { parts, .. } => parts.clone(),
        }
    }

    /// The inputs that get a derivative.
    pub(crate) fn differentiable(&self) -> Vec<ValueId> {
        match self {
            Self::Layer { input, .. } | Self::Unpad { input, .. } => vec![*input],
            other => other.inputs(),
        }
    }
}
