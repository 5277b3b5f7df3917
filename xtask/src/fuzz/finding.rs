//! A case that failed: making it small, keeping it, and repeating it.
//!
//! A finding is YAML that only holds what a case is made of, so it stays what it is when the generators change: it can be put
//! into `xtask/fixtures/fuzz/TARGET` as it is, and is tried first from then on.

use super::targets::{Case, Tally};
use super::{Target, attempt};
use crate::engine::{Explain, Failure, fail};
use serde::{Deserialize, Serialize};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// So many simpler cases are tried, and not longer than this.
const TRIES: usize = 20_000;
const TIME: Duration = Duration::from_secs(20);

pub(super) struct Finding<C> {
    pub(super) target: Target,
    pub(super) seed: u64,
    /// Which case of the seed.
    pub(super) number: u64,
    /// What is wrong.
    pub(super) found: String,
    pub(super) case: C,
}

/// What is read of a file when it is repeated.
#[derive(Deserialize)]
struct Kept {
    /// Read as JSON is, because `serde_yaml` wants a tag for a variant, and no other reader does.
    case: serde_json::Value,
}

fn kept<C: Case>(text: &str) -> Result<C, Failure> {
    let kept: Kept = serde_yaml::from_str(text)?;
    Ok(serde_json::from_value(kept.case)?)
}

impl<C: Case> Finding<C> {
    /// Writes it below `folder`.
    pub(super) fn keep(&self, folder: &Path) -> Result<PathBuf, Failure> {
        fs::create_dir_all(folder).explain(folder.display())?;
        let path = folder.join(format!("{}-{}.yaml", self.seed, self.number));
        fs::write(&path, self.text()).explain(path.display())?;
        Ok(path)
    }

    pub(super) fn text(&self) -> String {
        let (target, seed, number) = (self.target.name(), self.seed, self.number);
        format!(
            "target: {target}\nseed: {seed}\nnumber: {number}\nfound: {}\ncase: {}\n",
            as_yaml(&self.found),
            as_yaml(&self.case)
        )
    }
}

/// JSON with everything escaped that is no plain ASCII: every YAML reader takes it for the same.
fn as_yaml(value: &impl Serialize) -> String {
    let json = serde_json::to_string_pretty(value).unwrap_or_else(|error| format!("\"{error}\""));
    let mut yaml = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '\n' => yaml.push_str("\n  "),
            ' '..='~' => yaml.push(c),
            // Writing to a string cannot fail.
            c => drop(write!(yaml, "\\U{:08x}", u32::from(c))),
        }
    }
    yaml
}

/// The simplest case like `case` that still fails, and what is said about it.
pub(super) fn smallest<C: Case>(case: C, found: String, bench: &mut C::Bench) -> (C, String) {
    let (started, mut tries) = (Instant::now(), 0);
    let (mut case, mut found) = (case, found);
    'smaller: loop {
        for simpler in case.simpler() {
            if tries >= TRIES || started.elapsed() > TIME {
                return (case, found);
            }
            tries += 1;
            if let Err(said) = attempt::caught(|| simpler.check(bench, &mut Tally::default())) {
                (case, found) = (simpler, said);
                continue 'smaller;
            }
        }
        return (case, found);
    }
}

/// Tries the finding at `path` again; or, if that is a folder, every one in it.
pub(super) fn repeat<C: Case>(path: &Path) -> Result<ExitCode, Failure> {
    let mut files = vec![path.to_path_buf()];
    if path.is_dir() {
        let entries = fs::read_dir(path).explain(path.display())?;
        files = entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
        files.sort();
    }
    let mut bench = C::bench()?;
    let mut failed = 0;
    for file in &files {
        let text = fs::read_to_string(file).explain(file.display())?;
        let case: C = kept(&text).explain(file.display())?;
        if let Err(found) = attempt::caught(|| case.check(&mut bench, &mut Tally::default())) {
            println!("{}: {found}", file.display());
            failed += 1;
        }
    }
    println!("{} repeated, {failed} findings", files.len());
    if files.is_empty() {
        return Err(fail(format!("nothing to repeat in {}", path.display())));
    }
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

#[cfg(test)]
mod tests {
    use super::{Finding, kept, smallest};
    use crate::engine::Random;
    use crate::fuzz::Target;
    use crate::fuzz::targets::{Case, Choices, DamagedLog, Edits, Outline, Tally};
    use serde::{Deserialize, Serialize};

    fn check_reads_back<C: Case>(target: Target) {
        let mut random = Random::new(1);
        for number in 0..200 {
            let bytes: Vec<u8> = (0..80).flat_map(|_| random.next().to_le_bytes()).collect();
            let case = C::generate(&mut Choices::new(&bytes));
            let finding = Finding { target, seed: 1, number, found: "\u{85} \"what\": é".into(), case };
            let back: C = kept(&finding.text()).unwrap();
            assert_eq!(serde_json::to_value(&back).unwrap(), serde_json::to_value(&finding.case).unwrap());
        }
    }

    #[test]
    fn a_finding_reads_back_as_the_case_it_is() {
        check_reads_back::<Outline>(Target::Outline);
        check_reads_back::<Edits>(Target::Edit);
        check_reads_back::<DamagedLog>(Target::EventLog);
    }

    /// Fails, or panics, when it holds both letters.
    #[derive(Clone, Serialize, Deserialize)]
    struct Letters(String);

    impl Case for Letters {
        type Bench = ();

        fn bench() -> std::io::Result<()> {
            Ok(())
        }

        fn generate(_: &mut Choices<'_>) -> Self {
            Letters(String::new())
        }

        fn check(&self, (): &mut (), _: &mut Tally) -> Result<(), String> {
            if self.0.contains('x') && self.0.contains('y') { Err("both".into()) } else { Ok(()) }
        }

        fn simpler(&self) -> Vec<Self> {
            (0..self.0.len()).map(|at| Letters(format!("{}{}", &self.0[..at], &self.0[at + 1..]))).collect()
        }
    }

    #[test]
    fn the_smallest_case_still_fails() {
        let (case, found) = smallest(Letters("abxcdyef".into()), "first".into(), &mut ());
        assert_eq!((case.0.as_str(), found.as_str()), ("xy", "both"));
    }
}
