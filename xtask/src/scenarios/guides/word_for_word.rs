//! The README and the guide, pasted into a shell from the first block to the last, by somebody who has a copy of the repository and Rust.

use super::blocks::Page;
use crate::engine::{
    Client, Explain, Failure, Filesystem, Scenario, Stage, Tool, Verdict, copy_work_tree, fail, look_first_in,
};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

pub(crate) const SCENARIO: Scenario = Scenario {
    name: "readme-and-guide",
    proves: "whoever follows the README and the guide word for word gets to the end, and what they say is printed is printed",
    clients: &[Client::Queue, Client::Dispatch, Client::Crates, Client::Python, Client::Bash],
    faults: &[],
    upholds: &[],
    processes: &[1],
    // Outside the workspace, because the guide makes a package of its own, and cargo looks for a workspace in every folder above.
    filesystems: &[Filesystem::Memory],
    needs: &[Tool::PyYaml, Tool::Bash, Tool::Flock],
    bound: Duration::from_secs(1_200),
    run,
};

const PAGES: [&str; 2] = ["README.md", "docs/guide.md"];

fn run(stage: &Stage) -> Result<Verdict, Failure> {
    let (copy, printed) = (stage.folder().join("mooring"), stage.folder().join("printed"));
    copy_work_tree(stage.workspace(), &copy)?;
    fs::create_dir(&printed).explain(printed.display())?;
    let texts = PAGES.map(|name| fs::read_to_string(copy.join(name)).explain(name));
    let mut script = String::from("set -euo pipefail\n");
    let mut pages = Vec::new();
    for (name, text) in PAGES.iter().zip(&texts) {
        let text = text.as_ref().map_err(|failure| fail(&failure.told))?;
        let page = Page::read(name, text);
        // Every page begins in the folder of the repository.
        script += "cd \"$REPOSITORY\"\n";
        script += &page.script();
        pages.push(page);
    }
    stage.step("following them");
    let mut bash = reader(stage, &script)?;
    bash.env("REPOSITORY", &copy).env("PRINTED", &printed).env("TMPDIR", stage.data());
    stage.finish(bash.current_dir(&copy), "reader")?.expect(0)?;
    let wrong: Vec<String> =
        pages.iter().map(|page| compare(page, &printed)).collect::<Result<Vec<_>, _>>()?.concat();
    if !wrong.is_empty() {
        return Err(fail(wrong.join("\n")));
    }
    let told: usize = pages.iter().map(|page| page.printed().len()).sum();
    let steps: usize = pages.iter().map(Page::steps).sum();
    Ok(format!("{steps} steps, of {told} of them what is printed").into())
}

/// What the reader's machine has: Python with PyYAML, a place for programs that is on the path, and one for what is built, which stays
/// warm for the next reader.
fn reader(stage: &Stage, script: &str) -> Result<Command, Failure> {
    let mut bash = stage.with_python(stage.bash("word-for-word.sh", script)?)?;
    let installed = stage.folder().join("installed");
    look_first_in(&installed.join("bin"), &mut bash)?;
    bash.env("CARGO_INSTALL_ROOT", &installed);
    bash.env("CARGO_TARGET_DIR", stage.warm("reader")).env_remove("CARGO_MANIFEST_DIR");
    // It is the words that are tried: what they build may be slow, so that building it is not.
    bash.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0").env("CARGO_PROFILE_RELEASE_DEBUG", "0");
    bash.env("CARGO_PROFILE_DEV_DEBUG", "0");
    Ok(bash)
}

fn compare(page: &Page<'_>, folder: &Path) -> Result<Vec<String>, Failure> {
    let mut wrong = Vec::new();
    for printed in page.printed() {
        let found = fs::read_to_string(folder.join(&printed.file)).explain(&printed.place)?;
        wrong.extend(printed.compare(&found));
    }
    Ok(wrong)
}
