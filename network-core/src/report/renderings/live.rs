//! A page that is written again while a network trains.

use super::html;
use crate::files;
use crate::report::GradientFlow;
use std::io;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Writes [`GradientFlow::html`] again and again while a network trains, so that a browser that
/// shows the file follows: the page loads itself again.
///
/// Call [`LivePage::update`] after each reading, and [`GradientFlow::save_html`] at the end for a
/// page that stands still. The file is replaced whole, so that a browser never sees half of it.
///
/// ```
/// use core::ops::ControlFlow;
/// use core::time::Duration;
/// use network_core::report::{LivePage, Observer};
///
/// # network_core::network! { pub struct Sensor(4) -> 3 { dense(3); } }
/// let mut page = LivePage::new("report.html", Duration::from_secs(10));
/// let observer = Observer::<Sensor>::new().on_reading(move |flow| match page.update(flow) {
///     Ok(_) => ControlFlow::Continue(()),
///     Err(_) => ControlFlow::Break(()),
/// });
/// ```
#[derive(Debug)]
pub struct LivePage {
    path: PathBuf,
    every: Duration,
    written: Option<Instant>,
}

impl LivePage {
    /// A page in this file, written at most once in so long a time.
    pub fn new(path: impl Into<PathBuf>, every: Duration) -> Self {
        Self {
            path: path.into(),
            every,
            written: None,
        }
    }

    /// Writes the page if it is time to; returns whether it was.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn update(&mut self, flow: &GradientFlow) -> io::Result<bool> {
        if self
            .written
            .is_some_and(|written| written.elapsed() < self.every)
        {
            return Ok(false);
        }
        let page = html::page(flow, Some(self.every));
        files::replace(&self.path, |to| to.write_all(page.as_bytes()))?;
        self.written = Some(Instant::now());
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::renderings::fixtures::sigmoids;

    #[test]
    fn the_page_is_written_when_it_is_time_and_loads_itself_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("live.html");
        let mut page = LivePage::new(&path, Duration::from_hours(1));
        assert!(page.update(&sigmoids(2, 2, -1.0)).unwrap());
        let first = std::fs::read_to_string(&path).unwrap();
        assert!(first.contains("<meta http-equiv=refresh content=3600>"));
        assert!(!page.update(&sigmoids(2, 9, -1.0)).unwrap());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), first);
        let mut page = LivePage::new(&path, Duration::ZERO);
        for readings in 3..6 {
            assert!(page.update(&sigmoids(2, readings, -1.0)).unwrap());
        }
        assert_ne!(std::fs::read_to_string(&path).unwrap(), first);
    }
}
