//! The licences of the libraries that are linked into the programs. Most of them ask that their text be passed on.

use super::tools;
use crate::engine::{Explain, FEATURES, Failure, fail};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::Command;

/// How files begin that hold a licence or what it asks to be passed on.
const NAMES: [&str; 5] = ["LICENSE", "LICENCE", "COPYING", "NOTICE", "UNLICENSE"];

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    workspace_members: Vec<String>,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    version: String,
    license: Option<String>,
    manifest_path: std::path::PathBuf,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    pkg: String,
    dep_kinds: Vec<Kind>,
}

#[derive(Deserialize)]
struct Kind {
    /// `None` is a dependency of the program itself, not of its tests or its build.
    kind: Option<String>,
}

/// A text that names each library with its licence, and has each licence text once.
pub(super) fn of_libraries(workspace: &Path, target: &str) -> Result<String, Failure> {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
    cargo
        .args(["metadata", "--format-version", "1", "--filter-platform", target, FEATURES])
        .current_dir(workspace);
    let metadata: Metadata = serde_json::from_slice(&tools::output(&mut cargo, "Rust")?)?;
    let libraries = linked(&metadata);
    let mut list = String::new();
    let mut texts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for library in libraries {
        let name = format!("{} {}", library.name, library.version);
        let licence = library
            .license
            .as_ref()
            .ok_or_else(|| fail(format!("{name} does not say under which licence it is")))?;
        list.push_str(&format!("{name}: {licence}\n"));
        for text in texts_of(library)? {
            texts.entry(text).or_default().insert(name.clone());
        }
    }
    let mut all = format!(
        "The programs of Mooring contain these libraries, and the standard library of Rust (MIT OR Apache-2.0).\n\n{list}"
    );
    for (text, names) in texts {
        let names: Vec<_> = names.into_iter().collect();
        all.push_str(&format!("\n{}\n{}\n\n{}\n", "-".repeat(80), names.join(", "), text.trim_end()));
    }
    Ok(all)
}

/// All that the programs are linked with, but for what is ours; sorted by name.
fn linked(metadata: &Metadata) -> Vec<&Package> {
    let nodes: HashMap<&str, &Node> = metadata.resolve.nodes.iter().map(|node| (&*node.id, node)).collect();
    let is_ours = |id: &str| metadata.workspace_members.iter().any(|member| member == id);
    let is_given_away = |package: &&Package| is_ours(&package.id) && package.name != "xtask";
    let mut open: Vec<&str> = metadata.packages.iter().filter(is_given_away).map(|one| &*one.id).collect();
    let mut seen: BTreeSet<&str> = open.iter().copied().collect();
    while let Some(node) = open.pop().and_then(|id| nodes.get(id)) {
        for dependency in &node.deps {
            let is_linked = dependency.dep_kinds.iter().any(|kind| kind.kind.is_none());
            if is_linked && seen.insert(&dependency.pkg) {
                open.push(&dependency.pkg);
            }
        }
    }
    let mut found: Vec<_> =
        metadata.packages.iter().filter(|one| seen.contains(&*one.id) && !is_ours(&one.id)).collect();
    found.sort_by(|a, b| (&a.name, &a.version).cmp(&(&b.name, &b.version)));
    found
}

fn texts_of(library: &Package) -> Result<Vec<String>, Failure> {
    let folder = library.manifest_path.parent().ok_or_else(|| fail("a manifest without a folder"))?;
    let mut texts = Vec::new();
    for entry in fs::read_dir(folder).explain(folder.display())? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().to_uppercase();
        if NAMES.iter().any(|begin| name.starts_with(begin)) && entry.path().is_file() {
            texts.push(fs::read_to_string(entry.path()).explain(entry.path().display())?);
        }
    }
    Ok(texts)
}
