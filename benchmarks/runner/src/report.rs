//! A Markdown file with parts that are replaced, between `<!-- begin name -->` and
//! `<!-- end name -->`.

use std::path::{Path, PathBuf};

pub struct Report {
    path: PathBuf,
    text: String,
}

impl Report {
    pub fn open(path: &Path) -> Result<Self, String> {
        let text = if path.exists() {
            std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?
        } else {
            String::new()
        };
        Ok(Self {
            path: path.to_owned(),
            text,
        })
    }

    /// Puts `body` where the part `name` is, or at the end.
    pub fn replace(&mut self, name: &str, body: &str) {
        let (begin, end) = (
            format!("<!-- begin {name} -->"),
            format!("<!-- end {name} -->"),
        );
        let part = format!("{begin}\n{}\n{end}", body.trim());
        let found = self.text.find(&begin).and_then(|start| {
            let length = self.text[start..].find(&end)? + end.len();
            Some(start..start + length)
        });
        match found {
            Some(range) => self.text.replace_range(range, &part),
            None => {
                if !self.text.is_empty() {
                    self.text.push('\n');
                }
                self.text.push_str(&part);
                self.text.push('\n');
            }
        }
        println!("{}\n", body.trim());
    }

    pub fn save(&self) -> Result<(), String> {
        std::fs::write(&self.path, &self.text)
            .map_err(|error| format!("{}: {error}", self.path.display()))
    }
}
