//! Reads event files back, byte by byte.

use super::*;
use crate::report::renderings::fixtures::{sigmoids, with_numbers};

/// A field of a message: its number and what it holds.
#[derive(Clone, Debug, PartialEq)]
enum Field {
    Varint(u64, u64),
    Double(u64, f64),
    Float(u64, f32),
    Bytes(u64, Vec<u8>),
}

fn varint(bytes: &mut &[u8]) -> u64 {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let byte = bytes[0];
        *bytes = &bytes[1..];
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return number;
        }
    }
    panic!("a varint of more than ten bytes");
}

fn take<'a>(bytes: &mut &'a [u8], count: usize) -> &'a [u8] {
    let (taken, rest) = bytes.split_at(count);
    *bytes = rest;
    taken
}

fn message(mut bytes: &[u8]) -> Vec<Field> {
    let mut fields = Vec::new();
    while !bytes.is_empty() {
        let key = varint(&mut bytes);
        let number = key >> 3;
        fields.push(match key & 7 {
            0 => Field::Varint(number, varint(&mut bytes)),
            1 => Field::Double(
                number,
                f64::from_le_bytes(take(&mut bytes, 8).try_into().unwrap()),
            ),
            2 => {
                let length = varint(&mut bytes) as usize;
                Field::Bytes(number, take(&mut bytes, length).to_vec())
            }
            5 => Field::Float(
                number,
                f32::from_le_bytes(take(&mut bytes, 4).try_into().unwrap()),
            ),
            other => panic!("wire type {other}"),
        });
    }
    fields
}

/// The data of all records, their checksums checked.
fn records(mut bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut records = Vec::new();
    while !bytes.is_empty() {
        let length = take(&mut bytes, 8);
        let crc = u32::from_le_bytes(take(&mut bytes, 4).try_into().unwrap());
        assert_eq!(crc, masked(crc32c(length)));
        let length = u64::from_le_bytes(length.try_into().unwrap()) as usize;
        let data = take(&mut bytes, length).to_vec();
        let crc = u32::from_le_bytes(take(&mut bytes, 4).try_into().unwrap());
        assert_eq!(crc, masked(crc32c(&data)));
        records.push(data);
    }
    records
}

fn bytes(fields: &[Field], wanted: u64) -> Vec<Vec<u8>> {
    let found = fields.iter().filter_map(|field| match field {
        Field::Bytes(number, bytes) if *number == wanted => Some(bytes.clone()),
        _ => None,
    });
    found.collect()
}

fn doubles(bytes: &[u8]) -> Vec<f64> {
    let chunks = bytes.chunks_exact(8);
    chunks
        .map(|chunk| f64::from_le_bytes(chunk.try_into().unwrap()))
        .collect()
}

#[test]
fn checksums_are_those_of_the_standard() {
    // RFC 3720, appendix B.4, and the check value of the catalogue of CRCs.
    assert_eq!(crc32c(b"123456789"), 0xe306_9283);
    assert_eq!(crc32c(&[0; 32]), 0x8a91_36aa);
    assert_eq!(crc32c(&[0xff; 32]), 0x62a8_ab43);
    let rising: Vec<u8> = (0..32).collect();
    assert_eq!(crc32c(&rising), 0x46dd_794e);
}

#[test]
fn what_was_written_is_read_back() {
    let report = sigmoids(3, 5, -2.0);
    let mut file = Vec::new();
    report.write_events(&mut file, 1.5e9).unwrap();
    let events: Vec<Vec<Field>> = records(&file).iter().map(|data| message(data)).collect();
    assert_eq!(events.len(), 1 + 5);
    assert_eq!(
        events[0],
        [
            Field::Double(1, 1.5e9),
            Field::Bytes(3, b"brain.Event:2".to_vec())
        ]
    );
    for (event, reading) in events[1..].iter().zip(report.readings.iter()) {
        assert_eq!(
            event[..2],
            [Field::Double(1, 1.5e9), Field::Varint(2, reading.step.step)]
        );
        let summary = message(&bytes(event, 5)[0]);
        let values: Vec<Vec<Field>> = bytes(&summary, 1).iter().map(|v| message(v)).collect();
        let find = |tag: &str| {
            let tag = Field::Bytes(1, tag.as_bytes().to_vec());
            values
                .iter()
                .find(|value| value[0] == tag)
                .unwrap_or_else(|| panic!("{tag:?}"))
        };
        assert_eq!(find("loss")[1], Field::Float(2, reading.step.loss as f32));
        for (layer, flow) in report.layers.iter().zip(reading.layers) {
            let delta = find(&format!("delta_rms/{}", layer.name));
            assert_eq!(delta[1], Field::Float(2, flow.delta_rms));
            let histo = message(&bytes(find(&format!("outputs/{}", layer.name)), 5)[0]);
            let [limits, counts] = [6, 7].map(|field| doubles(&bytes(&histo, field)[0]));
            let total = f64::from(flow.activation.histogram.total());
            assert_eq!(histo[2], Field::Double(3, total));
            assert_eq!(counts.iter().sum::<f64>(), total);
            assert_eq!(limits.len(), counts.len());
            assert!(limits.is_sorted());
        }
    }
}

#[test]
fn numbers_that_are_not_finite_have_no_histogram() {
    let report = with_numbers(sigmoids(3, 2, -2.0), f64::NAN);
    let mut file = Vec::new();
    report.write_events(&mut file, 0.0).unwrap();
    let events = records(&file);
    let text = String::from_utf8_lossy(&events[1]);
    assert!(text.contains("delta_rms/stem") && !text.contains("outputs/stem"));
}

#[test]
fn a_second_file_replaces_the_first() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("new/run");
    for readings in [2, 4] {
        sigmoids(2, readings, -1.0).save_tensorboard(&run).unwrap();
        let files: Vec<_> = std::fs::read_dir(&run).unwrap().collect();
        assert_eq!(files.len(), 1);
        let bytes = std::fs::read(files[0].as_ref().unwrap().path()).unwrap();
        assert_eq!(records(&bytes).len(), 1 + readings);
    }
}

/// `read_back.py` says how the figures were made.
#[test]
fn the_tensorboard_package_reads_the_same() {
    let report = sigmoids(1, 3, -2.0);
    let mut file = Vec::new();
    report.write_events(&mut file, 1.5e9).unwrap();
    if let Ok(path) = std::env::var("WRITE_EVENTS") {
        std::fs::write(path, &file).unwrap();
    }
    let read: serde_json::Value = serde_json::from_str(include_str!("read_back.json")).unwrap();
    let close = |read: &serde_json::Value, written: f64| {
        let read = read.as_f64().unwrap();
        assert!(
            (read - written).abs() <= 1e-6 * written.abs(),
            "{read} {written}"
        );
    };
    let (scalars, histograms) = (&read["scalars"], &read["histograms"]);
    assert_eq!(scalars.as_object().unwrap().len(), 6 + 3 * 3 + 2 * 2 + 1);
    assert_eq!(histograms.as_object().unwrap().len(), 3 + 2);
    for (index, reading) in report.readings.iter().enumerate() {
        assert_eq!(scalars["loss"][index][0], reading.step.step);
        close(&scalars["loss"][index][1], reading.step.loss);
        close(
            &scalars["decades"][index][1],
            report.decades(reading).unwrap(),
        );
        for (layer, flow) in report.layers.iter().zip(reading.layers) {
            let name = &layer.name;
            let delta = &scalars[format!("delta_rms/{name}")][index];
            close(&delta[1], flow.delta_rms.into());
            let histogram = &histograms[format!("outputs/{name}")][index];
            let counts = &flow.activation.histogram.counts;
            assert_eq!(histogram[0], reading.step.step);
            close(&histogram[1], flow.activation.histogram.total().into());
            let first = counts.iter().position(|count| *count > 0).unwrap();
            for (bin, count) in counts.iter().enumerate().skip(first) {
                if let Some(read) = histogram[4].get(1 + bin - first) {
                    close(read, f64::from(*count));
                }
            }
            let flow = &flow.activation;
            close(
                &histogram[3][0],
                f64::from(flow.mean) - f64::from(flow.deviation) * (4.0 - 0.25 * first as f64),
            );
        }
    }
}
