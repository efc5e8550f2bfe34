//! The report as an event file of TensorBoard: scalars and histograms of every reading.
//!
//! An event file is a sequence of records (TFRecord), each an `Event` of TensorFlow's
//! `event.proto` in protobuf's wire format. Both are small enough to be written here:
//!
//! ```text
//! record  = length: u64, masked_crc(length), data, masked_crc(data)        little endian
//! masked  = rotate_right(crc32c, 15) + 0xa282ead8                          modulo 2^32
//! Event   = 1: wall_time double, 2: step int64, 3: file_version string | 5: summary Summary
//! Summary = 1: repeated Value { 1: tag string, 2: simple_value float | 5: histo }
//! histo   = 1..5: min, max, num, sum, sum_squares double, 6: bucket_limit, 7: bucket [double]
//! ```

use crate::files;
use crate::report::{GradientFlow, Gradients, Histogram, Reading};
use std::io::{self, Write};
use std::path::Path;
use std::time::SystemTime;

/// Readings whose histograms are written: they are what takes room.
const HISTOGRAMS: usize = 64;
/// TensorBoard reads files with `tfevents` in their names; one name, so that writing again
/// replaces the old file.
const FILE: &str = "events.out.tfevents.gradient-flow";

impl GradientFlow {
    /// Writes scalars and histograms to a file in this folder, which TensorBoard shows as a run;
    /// a file of an earlier call is replaced. The folder is made if it is not there.
    ///
    /// Tags are `loss`, `learning_rate`, `decades`, `gradient_norm/before_clipping`,
    /// `gradient_norm/after_clipping`, `clipped_share`, and for each layer `activation_rms/NAME`,
    /// `delta_rms/NAME`, `weight_norm/NAME`, `update_ratio/NAME`, `dead/NAME`, `saturated/NAME`,
    /// `cosine/NAME`, with the histograms `outputs/NAME` and `log10_gradient/NAME`.
    ///
    /// # Errors
    ///
    /// If the folder or the file cannot be written.
    pub fn save_tensorboard(&self, folder: impl AsRef<Path>) -> io::Result<()> {
        std::fs::create_dir_all(&folder)?;
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let seconds = now.map_or(0.0, |now| now.as_secs_f64());
        files::replace(&folder.as_ref().join(FILE), |to| {
            self.write_events(to, seconds)
        })
    }

    /// All events, as if they had happened at this time.
    fn write_events(&self, to: &mut dyn Write, seconds: f64) -> io::Result<()> {
        let mut event = Message::default();
        event.double(1, seconds);
        event.bytes(3, b"brain.Event:2");
        write_record(to, &event.0)?;
        let stride = self.readings.len().div_ceil(HISTOGRAMS).max(1);
        for (index, reading) in self.readings.iter().enumerate() {
            let mut summary = Message::default();
            self.scalars(reading, &mut summary);
            if index.is_multiple_of(stride) || index + 1 == self.readings.len() {
                self.histograms(reading, &mut summary);
            }
            let mut event = Message::default();
            event.double(1, seconds);
            event.varint(2, reading.step.step);
            event.bytes(5, &summary.0);
            write_record(to, &event.0)?;
        }
        Ok(())
    }

    fn scalars(&self, reading: Reading<'_>, summary: &mut Message) {
        let step = reading.step;
        let mut scalar = |tag: &str, number: f64| {
            let mut value = Message::default();
            value.bytes(1, tag.as_bytes());
            value.float(2, number as f32);
            summary.bytes(1, &value.0);
        };
        scalar("loss", step.loss);
        scalar("learning_rate", step.learning_rate);
        scalar("gradient_norm/before_clipping", step.gradient_norm);
        scalar("gradient_norm/after_clipping", step.clipped_norm);
        scalar("clipped_share", step.clipped_share.into());
        if let Some(decades) = self.decades(reading) {
            scalar("decades", decades);
        }
        for (layer, flow) in self.layers.iter().zip(reading.layers) {
            let activation = &flow.activation;
            let numbers = [
                ("activation_rms", Some(activation.rms)),
                ("delta_rms", Some(flow.delta_rms)),
                ("weight_norm", flow.gradient.map(|g| g.weight_norm)),
                ("update_ratio", flow.gradient.and_then(|g| g.update_ratio())),
                ("dead", activation.dead),
                ("saturated", activation.saturated),
                ("cosine", Some(activation.cosine)),
            ];
            for (group, number) in numbers {
                if let Some(number) = number {
                    scalar(&format!("{group}/{}", layer.name), number.into());
                }
            }
        }
    }

    fn histograms(&self, reading: Reading<'_>, summary: &mut Message) {
        for (layer, flow) in self.layers.iter().zip(reading.layers) {
            let activation = &flow.activation;
            let (mean, deviation) = (f64::from(activation.mean), f64::from(activation.deviation));
            let width = 8.0 * deviation / Histogram::BINS as f64;
            let edge = |bin: usize| mean - 4.0 * deviation + width * bin as f64;
            histogram(
                summary,
                &format!("outputs/{}", layer.name),
                &activation.histogram,
                edge,
            );
            if let Some(gradient) = &flow.gradient {
                let edge = |bin: usize| Gradients::edge(bin).log10();
                let tag = format!("log10_gradient/{}", layer.name);
                histogram(summary, &tag, &gradient.histogram, edge);
            }
        }
    }
}

/// Adds a histogram; nothing if it is empty or an edge is not finite.
fn histogram(summary: &mut Message, tag: &str, histogram: &Histogram, edge: impl Fn(usize) -> f64) {
    let full = |bin: &usize| histogram.counts[*bin] > 0;
    let bins = 0..Histogram::BINS;
    let (Some(first), Some(last)) = (bins.clone().find(full), bins.rev().find(full)) else {
        return;
    };
    if !(edge(first).is_finite() && edge(last + 1).is_finite()) {
        return;
    }
    let (mut sum, mut squares) = (0.0, 0.0);
    let (mut limits, mut counts) = (Vec::new(), Vec::new());
    // An empty bucket in front has the lower edge of the first full one as its limit.
    limits.extend(edge(first).to_le_bytes());
    counts.extend(0.0_f64.to_le_bytes());
    for bin in first..=last {
        let count = f64::from(histogram.counts[bin]);
        let middle = f64::midpoint(edge(bin), edge(bin + 1));
        sum += count * middle;
        squares += count * middle * middle;
        limits.extend(edge(bin + 1).to_le_bytes());
        counts.extend(count.to_le_bytes());
    }
    let mut histo = Message::default();
    histo.double(1, edge(first));
    histo.double(2, edge(last + 1));
    histo.double(3, f64::from(histogram.total()));
    histo.double(4, sum);
    histo.double(5, squares);
    histo.bytes(6, &limits);
    histo.bytes(7, &counts);
    let mut value = Message::default();
    value.bytes(1, tag.as_bytes());
    value.bytes(5, &histo.0);
    summary.bytes(1, &value.0);
}

/// A protobuf message under construction.
#[derive(Debug, Default)]
struct Message(Vec<u8>);

impl Message {
    fn raw_varint(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }

    /// A field's number and how it is stored.
    fn key(&mut self, field: u64, wire_type: u64) {
        self.raw_varint(field << 3 | wire_type);
    }

    fn varint(&mut self, field: u64, number: u64) {
        self.key(field, 0);
        self.raw_varint(number);
    }

    fn double(&mut self, field: u64, number: f64) {
        self.key(field, 1);
        self.0.extend(number.to_le_bytes());
    }

    fn float(&mut self, field: u64, number: f32) {
        self.key(field, 5);
        self.0.extend(number.to_le_bytes());
    }

    /// Bytes, text, a message, or packed numbers.
    fn bytes(&mut self, field: u64, bytes: &[u8]) {
        self.key(field, 2);
        self.raw_varint(bytes.len() as u64);
        self.0.extend(bytes);
    }
}

fn write_record(to: &mut dyn Write, data: &[u8]) -> io::Result<()> {
    let length = (data.len() as u64).to_le_bytes();
    to.write_all(&length)?;
    to.write_all(&masked(crc32c(&length)).to_le_bytes())?;
    to.write_all(data)?;
    to.write_all(&masked(crc32c(data)).to_le_bytes())
}

/// TensorFlow's mask, so that a checksum of bytes that hold checksums is sound.
fn masked(crc: u32) -> u32 {
    crc.rotate_right(15).wrapping_add(0xa282_ead8)
}

/// CRC-32C (Castagnoli, RFC 3720), reflected, a table entry for each byte.
fn crc32c(bytes: &[u8]) -> u32 {
    const TABLE: [u32; 256] = {
        let mut table = [0; 256];
        let mut index = 0;
        while index < 256 {
            let mut crc = index as u32;
            let mut bit = 0;
            while bit < 8 {
                crc = if crc & 1 == 1 {
                    crc >> 1 ^ 0x82f6_3b78
                } else {
                    crc >> 1
                };
                bit += 1;
            }
            table[index] = crc;
            index += 1;
        }
        table
    };
    !bytes.iter().fold(!0, |crc, byte| {
        crc >> 8 ^ TABLE[usize::from(crc as u8 ^ byte)]
    })
}

#[cfg(test)]
#[path = "tensorboard/tests.rs"]
mod tests;
