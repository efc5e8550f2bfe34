//! The words and ways of other libraries, and how the same is written here.

/// What other libraries and spellings call the words of this language.
const FOREIGN: &[(&str, &str)] = &[
    // layers
    ("affine", "dense"),
    ("fc", "dense"),
    ("fully_connected", "dense"),
    ("linear", "dense"),
    ("batchnorm1d", "batch_norm"),
    ("batchnorm2d", "batch_norm"),
    ("batch_normalization", "batch_norm"),
    ("layer_normalization", "layer_norm"),
    ("conv", "conv2d"),
    ("convolution", "conv2d"),
    ("max_pooling2d", "max_pool2d"),
    ("average_pool2d", "avg_pool2d"),
    ("average_pooling2d", "avg_pool2d"),
    ("adaptive_avg_pool", "global_avg_pool"),
    ("global_average_pool", "global_avg_pool"),
    ("logistic", "sigmoid"),
    ("concatenate", "concat"),
    ("skip", "residual"),
    ("shortcut", "residual"),
    ("view", "reshape"),
    ("for", "repeat"),
    // arguments
    ("kernel_size", "kernel"),
    ("strides", "stride"),
    ("filters", "channels"),
    ("out_channels", "channels"),
    ("out_features", "units"),
    ("hidden_size", "units"),
    ("use_bias", "bias"),
    ("eps", "epsilon"),
    ("negative_slope", "slope"),
    ("p", "rate"),
    ("probability", "rate"),
    ("scale_factor", "factor"),
    ("num_embeddings", "words"),
    ("embedding_dim", "features"),
    // initialisers
    ("he", "he_normal"),
    ("kaiming", "kaiming_normal"),
    ("glorot", "glorot_uniform"),
    ("xavier", "xavier_uniform"),
    ("lecun", "lecun_normal"),
    ("zero", "zeros"),
    ("gaussian", "normal"),
    ("default", "auto"),
    // settings
    ("initialiser", "init"),
    ("initializer", "init"),
    ("dtype", "scalar"),
    ("optimiser", "optimizer"),
];

/// The known word that others call `word`, or spell with other underscores and capitals.
pub(crate) fn foreign<'a>(
    word: &str,
    known: impl IntoIterator<Item = &'a str, IntoIter: Clone>,
) -> Option<&'a str> {
    let mut known = known.into_iter();
    let spelled = word.to_lowercase();
    let plain = |word: &str| word.replace('_', "");
    let ours = FOREIGN
        .iter()
        .find(|(name, _)| plain(name) == plain(&spelled))
        .and_then(|(_, ours)| known.clone().find(|known| known == ours));
    ours.or_else(|| known.find(|known| plain(known) == plain(&spelled)))
}

/// How an argument of other libraries is said here, if it is no argument here: its name,
/// and what to write. `{layer}` is the layer's word, `{value}` the argument's.
const ARGUMENTS: &[(&[&str], &str)] = &[
    (
        &["num_layers", "layers"],
        "stack them: write `{layer}(..) -> {layer}(..)`",
    ),
    (
        &["return_sequences", "return_state"],
        "a sequence stays one: write `-> last` after it for the last step alone",
    ),
    (
        &["activation", "act", "nonlinearity"],
        "an activation follows its layer: write `{layer}(..) -> {value}`",
    ),
    (
        &[
            "in_features",
            "in_channels",
            "input_size",
            "input_shape",
            "input_dim",
            "num_features",
            "inputs",
        ],
        "leave it out: it follows from what comes before",
    ),
    (
        &["batch_first", "data_format", "device"],
        "leave it out: there is one layout",
    ),
    (&["dropout"], "write `{layer}(..) -> dropout({value})`"),
    (&["name"], "label the statement: `{value}: {layer}(..);`"),
    (&["inplace"], "leave it out: it is done where it can be"),
];

/// Layers of other libraries that are an argument, a form or nothing here.
const LAYERS: &[(&[&str], &str)] = &[
    (
        &["bidirectional"],
        "write `lstm(16, bidirectional = true)`, or the same of `gru` and `rnn`",
    ),
    (
        &["time_distributed"],
        "leave it out: `dense`, activations and `layer_norm` work at every step of a sequence",
    ),
    (
        &["sequential", "module_list"],
        "leave it out: layers are joined with `->`",
    ),
    (
        &["input", "input_layer"],
        "leave it out: the input stands in the head, as in `struct Net(64) -> 10`",
    ),
    (
        &["depthwise_conv2d"],
        "write `conv2d(channels, kernel = 3, depthwise = true)`",
    ),
    (
        &["adaptive_avg_pool2d", "global_average_pooling2d"],
        "write `global_avg_pool`",
    ),
    (
        &["zero_pad2d", "zero_padding2d"],
        "write `padding = 1` in the convolution",
    ),
];

/// What to write instead of an argument that other libraries have.
pub(crate) fn argument(name: &str, value: &str, layer: &str) -> Option<String> {
    let (_, way) = ARGUMENTS.iter().find(|(names, _)| names.contains(&name))?;
    let value = value.trim_matches('"');
    Some(way.replace("{layer}", layer).replace("{value}", value))
}

/// What to write instead of a layer that other libraries have.
pub(crate) fn layer(word: &str) -> Option<&'static str> {
    let plain = |word: &str| word.replace('_', "").to_lowercase();
    let known = |names: &&[&str]| names.iter().any(|name| plain(name) == plain(word));
    LAYERS
        .iter()
        .find(|(names, _)| known(names))
        .map(|(_, way)| *way)
}
