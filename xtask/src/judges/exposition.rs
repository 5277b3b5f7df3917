//! Whether a page of metrics is one that Prometheus reads, and reads as it was meant: the text format 0.0.4, and what `promtool check
//! metrics` asks of names.

use std::collections::{BTreeMap, BTreeSet};

/// The samples of a page, by name and labels as they stand there.
pub(crate) type Samples = BTreeMap<String, f64>;

/// Reads a page; anything that is not as the format wants it is an error with its line.
pub(crate) fn judge(page: &str) -> Result<Samples, String> {
    if !page.ends_with('\n') {
        return Err("the last line has no end".into());
    }
    let mut reading = Reading::default();
    for (number, line) in page.lines().enumerate() {
        reading.line(line).map_err(|error| format!("line {}, `{line}`: {error}", number + 1))?;
    }
    reading.end_family()?;
    Ok(reading.samples)
}

#[derive(Default)]
struct Reading {
    samples: Samples,
    families: BTreeSet<String>,
    family: Option<Family>,
}

#[derive(Default)]
struct Family {
    name: String,
    kind: Option<String>,
    samples: Vec<Sample>,
}

#[derive(Clone, Debug)]
struct Sample {
    name: String,
    labels: BTreeMap<String, String>,
    value: f64,
}

impl Reading {
    fn line(&mut self, line: &str) -> Result<(), String> {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, help) = rest.split_once(' ').ok_or("there is no help")?;
            self.end_family()?;
            check_name(name)?;
            if help.trim().is_empty() || !self.families.insert(name.into()) {
                return Err("a family without help, or told twice".into());
            }
            self.family = Some(Family { name: name.into(), ..Family::default() });
            return Ok(());
        }
        let family = self.family.as_mut().ok_or("no family has begun")?;
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').ok_or("there is no type")?;
            let is_known = ["counter", "gauge", "histogram", "summary"].contains(&kind);
            if name != family.name || !is_known || family.kind.is_some() || !family.samples.is_empty() {
                return Err("a type of another family, an unknown one, a second one or a late one".into());
            }
            family.kind = Some(kind.into());
            return Ok(());
        }
        let sample = Sample::parse(line)?;
        if !family.takes(&sample.name) {
            return Err(format!("it does not belong to the family {}", family.name));
        }
        if self.samples.insert(sample.key(), sample.value).is_some() {
            return Err("the same sample stands there twice".into());
        }
        family.samples.push(sample);
        Ok(())
    }

    fn end_family(&mut self) -> Result<(), String> {
        let Some(family) = self.family.take() else { return Ok(()) };
        family.check().map_err(|error| format!("{}: {error}", family.name))
    }
}

impl Family {
    fn takes(&self, name: &str) -> bool {
        match (self.kind.as_deref(), name.strip_prefix(&self.name)) {
            (Some("histogram"), Some(suffix)) => ["_bucket", "_sum", "_count"].contains(&suffix),
            (Some("summary"), Some(suffix)) => ["", "_sum", "_count"].contains(&suffix),
            (Some(_), Some(suffix)) => suffix.is_empty(),
            _ => false,
        }
    }

    fn check(&self) -> Result<(), String> {
        let kind = self.kind.as_deref().ok_or("it has no type")?;
        if (kind == "counter") != self.name.ends_with("_total") {
            return Err("counters end in _total, and nothing else does".into());
        }
        if kind != "gauge" && self.samples.iter().any(|sample| sample.value < 0.0) {
            return Err("less than nothing was counted".into());
        }
        if kind == "histogram" { self.check_histogram() } else { Ok(()) }
    }

    /// For each set of labels: counts that grow with the bound, up to the one that has none, which is the number of all.
    fn check_histogram(&self) -> Result<(), String> {
        let mut rows: BTreeMap<String, Vec<(f64, f64)>> = BTreeMap::new();
        for sample in self.samples.iter().filter(|sample| sample.name.ends_with("_bucket")) {
            let mut labels = sample.labels.clone();
            let bound = labels.remove("le").ok_or("a bucket without a bound")?;
            let bound = if bound == "+Inf" { Ok(f64::INFINITY) } else { bound.parse() };
            let bound = bound.map_err(|error| format!("a bound that is no number: {error}"))?;
            rows.entry(format!("{labels:?}")).or_default().push((bound, sample.value));
        }
        for (labels, row) in &rows {
            let grows = row.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 <= pair[1].1);
            let last = row.last().copied().unwrap_or_default();
            let of = |suffix: &str| {
                let is = |sample: &&Sample| {
                    sample.name.ends_with(suffix) && format!("{:?}", sample.labels) == *labels
                };
                self.samples.iter().find(is).map(|sample| sample.value)
            };
            if !grows || last.0 != f64::INFINITY || of("_count") != Some(last.1) || of("_sum").is_none() {
                return Err(format!("the buckets of {labels} do not make a histogram"));
            }
        }
        let others = self.samples.iter().filter(|sample| sample.name.ends_with("_count"));
        if others.count() != rows.len() {
            return Err("a count without buckets".into());
        }
        Ok(())
    }
}

impl Sample {
    fn parse(line: &str) -> Result<Self, String> {
        let name_end = line.find(['{', ' ']).ok_or("there is no value")?;
        let (name, rest) = line.split_at(name_end);
        check_name(name)?;
        let (labels, rest) = match rest.strip_prefix('{') {
            Some(rest) => parse_labels(rest)?,
            None => (BTreeMap::new(), rest),
        };
        let value = rest.strip_prefix(' ').ok_or("no space before the value")?;
        let value = match value {
            "+Inf" => f64::INFINITY,
            value => value.parse().map_err(|error| format!("the value is no number: {error}"))?,
        };
        Ok(Self { name: name.into(), labels, value })
    }

    fn key(&self) -> String {
        if self.labels.is_empty() {
            return self.name.clone();
        }
        let labels: Vec<_> = self.labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
        format!("{}{{{}}}", self.name, labels.join(","))
    }
}

/// What stands behind the opening brace, and what follows the closing one.
fn parse_labels(text: &str) -> Result<(BTreeMap<String, String>, &str), String> {
    let mut labels = BTreeMap::new();
    let mut rest = text;
    loop {
        let (name, value) = rest.split_once("=\"").ok_or("a label without a value")?;
        check_name(name)?;
        let (value, after) = unquote(value)?;
        if labels.insert(name.to_owned(), value).is_some() {
            return Err("a label stands there twice".into());
        }
        match after.strip_prefix('}') {
            Some(end) => return Ok((labels, end)),
            None => rest = after.strip_prefix(',').ok_or("neither a comma nor an end behind a label")?,
        }
    }
}

fn unquote(text: &str) -> Result<(String, &str), String> {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((place, character)) = characters.next() {
        match character {
            '"' => return Ok((value, text.get(place + 1..).unwrap_or_default())),
            '\\' => value.push(match characters.next() {
                Some((_, 'n')) => '\n',
                Some((_, quoted @ ('\\' | '"'))) => quoted,
                _ => return Err("an escape that is none".into()),
            }),
            other => value.push(other),
        }
    }
    Err("a label without an end".into())
}

fn check_name(name: &str) -> Result<(), String> {
    let is_part = |character: char| character.is_ascii_alphanumeric() || character == '_';
    let begins = name.chars().next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_');
    if begins && name.chars().all(is_part) { Ok(()) } else { Err(format!("`{name}` is no name")) }
}

#[cfg(test)]
mod tests {
    use super::judge;

    const GOOD: &str = "\
# HELP a_total Counted.
# TYPE a_total counter
a_total{path=\"x\\\"\\\\\\ny, }\"} 3
a_total{path=\"z\"} 4
# HELP b B.
# TYPE b gauge
b -1.5
# HELP w_seconds Waits.
# TYPE w_seconds histogram
w_seconds_bucket{le=\"1\"} 2
w_seconds_bucket{le=\"+Inf\"} 3
w_seconds_sum 7
w_seconds_count 3
# HELP s_seconds Sweeps.
# TYPE s_seconds summary
s_seconds_sum 7
s_seconds_count 3
";

    #[test]
    fn a_page_is_read_with_its_escapes() {
        let samples = judge(GOOD).unwrap();
        assert_eq!(samples["a_total{path=x\"\\\ny, }}"], 3.0);
        assert_eq!((samples["b"], samples["w_seconds_count"]), (-1.5, 3.0));
    }

    #[test]
    fn what_prometheus_would_not_read_or_misread_is_refused() {
        let broken = [
            ("a_total{path=\"z\"} 4", "a_total{path=\"z\"} -4"),
            ("a_total{path=\"z\"}", "a_total{path=\"z\"}{"),
            ("path=\"z\"", "path=\"\\z\""),
            ("path=\"z\"", "path=\"z"),
            ("path=\"z\"", "pa-th=\"z\""),
            ("path=\"z\"", "path=\"z\",path=\"y\""),
            ("a_total{path=\"z\"} 4\n", "a_total{path=\"z\"} 4\na_total{path=\"z\"} 4\n"),
            ("b -1.5", "b"),
            ("b -1.5", "b many"),
            ("b -1.5", "c -1.5"),
            ("# TYPE b gauge\n", ""),
            ("# TYPE b gauge", "# TYPE b counter"),
            ("# TYPE b gauge", "# TYPE b gauge\n# TYPE b gauge"),
            ("# HELP b B.", "# HELP a_total B."),
            ("# HELP b B.", "# HELP b "),
            ("w_seconds_bucket{le=\"+Inf\"} 3\n", ""),
            ("w_seconds_bucket{le=\"+Inf\"} 3\n", "w_seconds_bucket{le=\"+Inf\"} 1\n"),
            ("w_seconds_count 3", "w_seconds_count 4"),
            ("w_seconds_sum 7\n", ""),
            ("s_seconds_count 3\n", "s_seconds_count 3"),
        ];
        for (part, instead) in broken {
            assert!(GOOD.contains(part));
            assert!(judge(&GOOD.replacen(part, instead, 1)).is_err(), "`{instead}` instead of `{part}`");
        }
    }
}
