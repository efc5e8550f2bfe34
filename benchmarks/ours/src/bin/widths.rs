//! The share of a core's peak that the products of a dense layer reach at every width from
//! 1 to 130: a table on standard output, and a plot in `benchmarks/widths.svg`.
//!
//! `cargo run --release -p ours --bin widths`

use harness::peak::{OPERATIONS, Peak};
use network_core::kernels::{Products, SimdPath, Sizes};
use std::fmt::Write;
use std::hint::black_box;
use std::time::{Duration, Instant};

const WIDEST: usize = 130;
const BATCH: usize = 64;
/// All shapes are measured so many times over, and the fastest counts: a plot is of the
/// kernels, not of what else the machine did.
const SWEEPS: usize = 3;
/// How long one product is repeated in a sweep.
const BUDGET: Duration = Duration::from_micros(1500);

const PRODUCTS: [(&str, &str); 3] = [
    ("forward", "#1f77b4"),
    ("input gradient", "#d95f02"),
    ("weight gradient", "#2a9d4a"),
];

/// What a width n means: a title, and the sizes of the layer.
const SHAPES: [(&str, fn(usize) -> Sizes); 3] = [
    ("n inputs, n outputs", |n| Sizes {
        input: n,
        output: n,
    }),
    ("64 inputs, n outputs", |n| Sizes {
        input: 64,
        output: n,
    }),
    ("n inputs, 64 outputs", |n| Sizes {
        input: n,
        output: 64,
    }),
];

/// Numbers from where a cache line begins, as in a network.
struct Numbers {
    memory: Vec<f32>,
    first: usize,
}

impl Numbers {
    const LINE: usize = 16;

    fn new(len: usize) -> Self {
        let memory: Vec<f32> = (0..len + Self::LINE)
            .map(|k| (k as f32 * 0.37).sin())
            .collect();
        let into_line = memory.as_ptr().addr() / size_of::<f32>() % Self::LINE;
        Self {
            memory,
            first: (Self::LINE - into_line) % Self::LINE,
        }
    }
    fn get(&self, len: usize) -> &[f32] {
        &self.memory[self.first..][..len]
    }
    fn get_mut(&mut self, len: usize) -> &mut [f32] {
        &mut self.memory[self.first..][..len]
    }
}

/// The least time of a call in nanoseconds.
fn least(mut call: impl FnMut()) -> f64 {
    let mut times = 1;
    loop {
        let start = Instant::now();
        (0..times).for_each(|_| call());
        if start.elapsed() > Duration::from_micros(10) {
            break;
        }
        times *= 2;
    }
    let mut best = f64::MAX;
    let begin = Instant::now();
    while begin.elapsed() < BUDGET {
        let start = Instant::now();
        (0..times).for_each(|_| call());
        best = best.min(start.elapsed().as_nanos() as f64 / f64::from(times));
    }
    best
}

/// The least times of the three products.
fn measure(path: SimdPath, sizes: Sizes) -> [f64; 3] {
    let Sizes { input, output } = sizes;
    let (weight, bias) = (Numbers::new(input * output), Numbers::new(output));
    let (x, d_y) = (Numbers::new(input * BATCH), Numbers::new(output * BATCH));
    let (mut y, mut d_x) = (Numbers::new(output * BATCH), Numbers::new(input * BATCH));
    let (mut d_weight, mut d_bias) = (Numbers::new(input * output), Numbers::new(output));
    let (weight, bias) = (weight.get(input * output), bias.get(output));
    let (x, d_y) = (x.get(input * BATCH), d_y.get(output * BATCH));
    let (y, d_x) = (y.get_mut(output * BATCH), d_x.get_mut(input * BATCH));
    let (d_weight, d_bias) = (d_weight.get_mut(input * output), d_bias.get_mut(output));
    [
        least(|| f32::forward(path, sizes, black_box(weight), bias, x, black_box(y))),
        least(|| f32::d_input(path, sizes, black_box(weight), d_y, black_box(d_x))),
        least(|| {
            f32::d_weight(
                path,
                sizes,
                x,
                black_box(d_y),
                black_box(d_weight),
                d_bias,
                false,
            )
        }),
    ]
}

/// Shares of the peak in percent: for each shape, width (from 1) and product.
type Shares = Vec<Vec<[f64; 3]>>;

fn sweep(path: SimdPath) -> (f64, Shares) {
    let peak = Peak::new();
    let mut peak_time = f64::MAX;
    let mut times = vec![vec![[f64::MAX; 3]; WIDEST]; SHAPES.len()];
    for _ in 0..SWEEPS {
        for (shape, (_, sizes)) in SHAPES.iter().enumerate() {
            peak_time = peak_time.min(least(|| peak.run()));
            for width in 1..=WIDEST {
                let measured = measure(path, sizes(width));
                for (best, time) in times[shape][width - 1].iter_mut().zip(measured) {
                    *best = best.min(time);
                }
            }
        }
    }
    let peak = OPERATIONS as f64 / peak_time;
    for ((_, sizes), times) in SHAPES.iter().zip(&mut times) {
        for (width, times) in (1..).zip(times) {
            let Sizes { input, output } = sizes(width);
            let operations = (2 * input * output * BATCH) as f64;
            *times = times.map(|time| 100.0 * operations / time / peak);
        }
    }
    (peak, times)
}

const WIDTH: f64 = 760.0;
const PANEL: f64 = 260.0;
const LEFT: f64 = 50.0;
const TOP: f64 = 60.0;
const HEIGHT: f64 = 190.0;

fn plot(path: SimdPath, peak: f64, shares: &Shares) -> String {
    let mut svg = String::new();
    let height = TOP + PANEL * SHAPES.len() as f64;
    let _ = writeln!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
         <text x=\"{LEFT}\" y=\"20\" font-size=\"15\">Share of the multiply-add peak \
         ({peak:.0} GFLOP/s, one core, {path}), f32, batch {BATCH}</text>"
    );
    for (k, (name, colour)) in PRODUCTS.iter().enumerate() {
        let x = LEFT + 150.0 * k as f64;
        let _ = writeln!(
            svg,
            "<path d=\"M{x} 38h20\" stroke=\"{colour}\" stroke-width=\"2\"/>\
             <text x=\"{}\" y=\"42\">{name}</text>",
            x + 26.0
        );
    }
    let across = |width: usize| LEFT + (WIDTH - LEFT - 20.0) * width as f64 / WIDEST as f64;
    for (panel, ((title, _), shares)) in SHAPES.iter().zip(shares).enumerate() {
        let top = TOP + PANEL * panel as f64 + 20.0;
        let down = |share: f64| top + HEIGHT * (1.0 - share.min(100.0) / 100.0);
        let _ = writeln!(svg, "<text x=\"{LEFT}\" y=\"{}\">{title}</text>", top - 8.0);
        for share in [0.0, 25.0, 50.0, 80.0, 100.0] {
            let y = down(share);
            let _ = writeln!(
                svg,
                "<path d=\"M{LEFT} {y}H{}\" stroke=\"#ddd\"/>\
                 <text x=\"{}\" y=\"{}\" text-anchor=\"end\">{share} %</text>",
                WIDTH - 20.0,
                LEFT - 6.0,
                y + 4.0
            );
        }
        for width in (0..=WIDEST).step_by(16) {
            let x = across(width);
            let _ = writeln!(
                svg,
                "<text x=\"{x:.1}\" y=\"{}\" text-anchor=\"middle\">{width}</text>",
                top + HEIGHT + 16.0
            );
        }
        for (product, (_, colour)) in PRODUCTS.iter().enumerate() {
            let mut line = String::new();
            for (width, shares) in (1..).zip(shares) {
                let command = if width == 1 { 'M' } else { 'L' };
                let _ = write!(
                    line,
                    "{command}{:.1} {:.1}",
                    across(width),
                    down(shares[product])
                );
            }
            let _ = writeln!(
                svg,
                "<path d=\"{line}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.5\"/>"
            );
        }
    }
    svg.push_str("</svg>\n");
    svg
}

/// The least share in a range of widths, and where it is.
fn least_share(
    shares: &[[f64; 3]],
    product: usize,
    widths: std::ops::RangeInclusive<usize>,
) -> String {
    let (width, share) = widths
        .map(|width| (width, shares[width - 1][product]))
        .min_by(|a, b| a.1.total_cmp(&b.1))
        .expect("a width");
    format!("{share:5.1} % at {width:3}")
}

fn main() -> std::io::Result<()> {
    let path = SimdPath::detect();
    let (peak, shares) = sweep(path);
    println!("peak {peak:.0} GFLOP/s on {path}; least share of it, batch {BATCH}\n");
    println!("| shape | product | n from 8 to 130 | n from 32 to 128 | n = 32 | 64 | 128 |");
    println!("|---|---|---|---|---|---|---|");
    for ((title, _), shares) in SHAPES.iter().zip(&shares) {
        for (product, (name, _)) in PRODUCTS.iter().enumerate() {
            println!(
                "| {title} | {name} | {} | {} | {:.0} % | {:.0} % | {:.0} % |",
                least_share(shares, product, 8..=WIDEST),
                least_share(shares, product, 32..=128),
                shares[31][product],
                shares[63][product],
                shares[127][product],
            );
        }
    }
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../widths.svg");
    std::fs::write(file, plot(path, peak, &shares))?;
    println!("\nplot in benchmarks/widths.svg");
    if std::env::args().any(|argument| argument == "--all") {
        for ((title, _), shares) in SHAPES.iter().zip(&shares) {
            for (width, share) in (1..).zip(shares) {
                println!(
                    "{title}: {width} {:.1} {:.1} {:.1}",
                    share[0], share[1], share[2]
                );
            }
        }
    }
    Ok(())
}
