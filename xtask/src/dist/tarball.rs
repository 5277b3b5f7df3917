//! The tree as an archive that anybody can unpack, with its installer.

use super::release::Release;
use super::tree::{self, Tree};
use crate::engine::{Explain, Failure};
use flate2::{Compression, GzBuilder};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use tar::{Builder, EntryType, Header, HeaderMode};

/// What lies beside the tree: where it comes from, and how it is found at the top.
const BESIDE: [(&str, &str, u32); 3] = [
    ("packaging/install.sh", "install.sh", 0o755),
    ("LICENSE-APACHE", "LICENSE-APACHE", 0o644),
    ("LICENSE-MIT", "LICENSE-MIT", 0o644),
];

/// Writes the archive into `out` and says where it is.
pub(super) fn write(
    tree: &Tree,
    workspace: &Path,
    release: &Release,
    out: &Path,
) -> Result<PathBuf, Failure> {
    let name = release.name();
    let path = out.join(format!("{name}.tar.gz"));
    let beside = BESIDE
        .iter()
        .map(|(from, to, mode)| {
            let from = workspace.join(from);
            Ok((*to, (fs::read(&from).explain(from.display())?, *mode)))
        })
        .collect::<Result<BTreeMap<_, _>, Failure>>()?;
    let file = File::create(&path).explain(path.display())?;
    let gzip = GzBuilder::new().write(BufWriter::new(file), Compression::default());
    let mut archive = Builder::new(gzip);
    archive.mode(HeaderMode::Deterministic);
    let mut add = |place: &str, bytes: &[u8], mode| {
        let mut header = header(bytes.len() as u64, mode, release.epoch)?;
        archive.append_data(&mut header, format!("{name}/{place}"), bytes).explain(path.display())
    };
    for (place, (bytes, mode)) in &beside {
        add(place, bytes, *mode)?;
    }
    for (place, bytes) in tree.files() {
        add(place, bytes, tree::mode(place))?;
    }
    let gzip = archive.into_inner().explain(path.display())?;
    gzip.finish().and_then(|mut file| file.flush()).explain(path.display())?;
    Ok(path)
}

/// A file of root's.
fn header(size: u64, mode: u32, epoch: u64) -> Result<Header, Failure> {
    let mut header = Header::new_gnu();
    header.set_entry_type(EntryType::Regular);
    header.set_size(size);
    header.set_mode(mode);
    header.set_mtime(epoch);
    header.set_uid(0);
    header.set_gid(0);
    header.set_username("root")?;
    header.set_groupname("root")?;
    Ok(header)
}
