//! What PyYAML reads in a file: the reader that the other programs use.

use crate::engine::{Explain, Failure, Stage, fail};
use serde::Deserialize;
use serde_json::Value;
use std::path::Path;

const SCRIPT: &str = include_str!("../../clients/read_yaml.py");

/// How dates come out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dates {
    /// As `{"!date": …}`: a date and a string that looks like one differ.
    Tagged,
    /// As the string that stands in the file.
    AsWritten,
}

/// A file's data, or why it is none.
pub(crate) type Reading = Result<Value, String>;

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Line {
    Value(Value),
    Error(String),
}

impl Stage {
    /// The data in one file, which must be readable.
    pub(crate) fn pyyaml(&self, file: &Path) -> Result<Value, Failure> {
        let mut readings = self.pyyaml_all(&[file], Dates::Tagged)?;
        let reading = readings.pop().ok_or_else(|| fail("PyYAML's reader said nothing"))?;
        reading.map_err(|error| fail(format!("PyYAML refuses {}: {error}", file.display())))
    }

    /// The data in each file, in one process.
    pub(crate) fn pyyaml_all(
        &self,
        files: &[impl AsRef<Path>],
        dates: Dates,
    ) -> Result<Vec<Reading>, Failure> {
        let mut python = self.python("read_yaml.py", SCRIPT)?;
        if dates == Dates::AsWritten {
            python.arg("--dates-as-written");
        }
        python.args(files.iter().map(AsRef::as_ref));
        let output = python.output().explain("cannot run Python")?;
        if !output.status.success() {
            return Err(fail(format!("PyYAML's reader failed: {}", String::from_utf8_lossy(&output.stderr))));
        }
        let readings: Result<Vec<Reading>, _> = String::from_utf8_lossy(&output.stdout)
            .lines()
            .map(|line| {
                serde_json::from_str(line).map(|line| match line {
                    Line::Value(value) => Ok(value),
                    Line::Error(error) => Err(error),
                })
            })
            .collect();
        let readings = readings.explain("PyYAML's reader did not print JSON")?;
        if readings.len() == files.len() {
            Ok(readings)
        } else {
            Err(fail(format!("PyYAML's reader read {} of {} files", readings.len(), files.len())))
        }
    }
}
