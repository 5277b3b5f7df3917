//! `cargo xtask dist`: what is given away.
//!
//! - [`contents`]: which files, and where each belongs below a prefix
//! - [`tree`]: the files with their places
//! - [`notices`]: the licences of the libraries that are linked in
//! - [`tarball`]: the tree as an archive with its installer
//! - [`debian`]: the tree as a Debian package
//!
//! The same sources give the same bytes: files are sorted, belong to root, and bear the time of the [`release`].

mod contents;
mod debian;
mod notices;
mod release;
mod tarball;
mod tools;
mod tree;

use crate::engine::{Explain, Failure, Lines, Places, Progress, build_programs};
use clap::Args;
use release::Release;
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Args, Debug)]
pub(crate) struct DistArgs {
    /// The profile of cargo to build the programs with
    #[arg(long, value_name = "NAME", default_value = "dist")]
    profile: String,
    /// Where to put what is made; by default the folder `dist` of the target folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Print the result as one JSON object; what is said meanwhile goes to standard error
    #[arg(long)]
    json: bool,
}

pub(crate) fn command(args: &DistArgs) -> Result<ExitCode, Failure> {
    let places = Places::find()?;
    let out = args.out.clone().unwrap_or_else(|| places.dist());
    fs::create_dir_all(&out).explain(out.display())?;
    let progress = Progress::new(1, if args.json { Lines::Stderr } else { Lines::Stdout });
    let programs = build_programs(&places, &progress, &args.profile)?;
    let release = Release::of(&places.workspace)?;
    progress.line("making pages, archive and package");
    let scratch = tempfile::tempdir_in(&out).explain(out.display())?;
    let tree = contents::gather(&programs, &places.workspace, &release, scratch.path())?;
    let tarball = tarball::write(&tree, &places.workspace, &release, &out)?;
    let package = debian::build(&tree, &places.workspace, &release, scratch.path(), &out)?;
    progress.finish();
    tell(args, &release, &tarball, &package)?;
    Ok(ExitCode::SUCCESS)
}

/// What was made, with its size; and what was not, and why.
fn tell(args: &DistArgs, release: &Release, tarball: &Path, package: &debian::Made) -> Result<(), Failure> {
    let mut made = vec![("archive", tarball)];
    let mut missing = Vec::new();
    match package {
        debian::Made::Package(path) => made.push(("Debian package", path)),
        debian::Made::Without(reason) => missing.push(("Debian package", reason)),
    }
    let mut files = Vec::new();
    for (what, path) in made {
        files.push((what, path.display().to_string(), fs::metadata(path).explain(path.display())?.len()));
    }
    if args.json {
        let made: Vec<_> = files
            .iter()
            .map(|(what, path, bytes)| json!({"what": what, "path": path, "bytes": bytes}))
            .collect();
        let missing: Vec<_> = missing.iter().map(|(what, why)| json!({"what": what, "why": why})).collect();
        let (version, target, profile) = (&release.version, &release.target, &args.profile);
        println!(
            "{:#}",
            json!({"format": 1, "version": version, "target": target, "profile": profile, "made": made, "missing": missing})
        );
        return Ok(());
    }
    for (what, path, bytes) in files {
        println!("{what}: {path}, {} kB", bytes.div_ceil(1000));
    }
    for (what, why) in missing {
        println!("no {what}: {why}");
    }
    Ok(())
}
