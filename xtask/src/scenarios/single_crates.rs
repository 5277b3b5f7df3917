//! Somebody depends on one of the crates, from a package that is none of this workspace's.

use crate::engine::{Client, Explain, Failure, Filesystem, Scenario, Stage, Verdict, fail};
use std::collections::BTreeSet;
use std::fs;
use std::process::Command;
use std::time::Duration;

pub(crate) const SCENARIO: Scenario = Scenario {
    name: "single-crates",
    proves: "each crate can be depended on alone, with and without its default features, and brings nothing that its users do not need",
    clients: &[Client::Crates],
    faults: &[],
    upholds: &[],
    processes: &[1],
    // Outside the workspace: cargo looks for one in every folder above.
    filesystems: &[Filesystem::Memory],
    needs: &[],
    bound: Duration::from_secs(900),
    run,
};

/// A program of a few lines, and what it may not get with the crate that it depends on.
struct Single {
    crate_name: &'static str,
    default_features: bool,
    /// What a program that uses the crate has to depend on besides.
    besides: &'static [&'static str],
    program: &'static str,
    prints: &'static str,
    without: &'static [&'static str],
}

/// Packages for command lines, which no library needs.
const FOR_PROGRAMS: &[&str] =
    &["clap", "comfy-table", "indicatif", "notify", "signal-hook", "tracing-subscriber"];
/// What locks have no use for.
const NOT_FOR_LOCKS: &[&str] =
    &["clap", "metrics", "serde", "serde_core", "serde-saphyr", "tempfile", "yaml_serde"];
const FOR_YAML: &[&str] = &["clap", "serde", "serde_core", "serde-saphyr", "yaml_serde"];

const SINGLES: &[Single] = &[
    Single {
        crate_name: "lock-core",
        default_features: true,
        besides: &[],
        program: include_str!("../../single/lock_core.rs"),
        prints: "locked",
        without: NOT_FOR_LOCKS,
    },
    Single {
        crate_name: "lock-core",
        default_features: false,
        besides: &[],
        program: include_str!("../../single/lock_core.rs"),
        prints: "locked",
        without: NOT_FOR_LOCKS,
    },
    Single {
        crate_name: "atomic-io",
        default_features: true,
        besides: &[],
        program: include_str!("../../single/atomic_io.rs"),
        prints: "updated",
        without: FOR_PROGRAMS,
    },
    Single {
        crate_name: "atomic-io",
        default_features: false,
        besides: &[],
        program: include_str!("../../single/atomic_io_plain.rs"),
        prints: "replaced",
        without: FOR_YAML,
    },
    Single {
        crate_name: "registry",
        default_features: true,
        besides: &["atomic-io"],
        program: include_str!("../../single/registry.rs"),
        prints: "recorded",
        without: &["lock-janitor", "queue-cli"],
    },
    Single {
        crate_name: "registry",
        default_features: false,
        besides: &["atomic-io"],
        program: include_str!("../../single/registry.rs"),
        prints: "recorded",
        without: FOR_PROGRAMS,
    },
    Single {
        crate_name: "queue-cli",
        default_features: true,
        besides: &["atomic-io", "jiff"],
        program: include_str!("../../single/queue_cli.rs"),
        prints: "done",
        without: &["lock-janitor", "registry"],
    },
    Single {
        crate_name: "queue-cli",
        default_features: false,
        besides: &["atomic-io", "jiff"],
        program: include_str!("../../single/queue_cli.rs"),
        prints: "done",
        without: FOR_PROGRAMS,
    },
    Single {
        crate_name: "lock-janitor",
        default_features: true,
        besides: &[],
        program: include_str!("../../single/lock_janitor.rs"),
        prints: "swept",
        without: &["queue-cli", "registry"],
    },
    Single {
        crate_name: "lock-janitor",
        default_features: false,
        besides: &[],
        program: include_str!("../../single/lock_janitor.rs"),
        prints: "swept",
        without: FOR_PROGRAMS,
    },
];

fn run(stage: &Stage) -> Result<Verdict, Failure> {
    let mut told = Vec::new();
    for single in SINGLES {
        stage.step(&single.name());
        let packages = try_out(stage, single).explain(single.name())?;
        told.push(format!("{}: {packages} packages", single.name()));
    }
    Ok(told.join("; ").into())
}

impl Single {
    fn name(&self) -> String {
        let features = if self.default_features { "" } else { ", no default features" };
        format!("{}{features}", self.crate_name)
    }

    fn manifest(&self, stage: &Stage) -> String {
        let workspace = stage.workspace().display();
        let mut manifest = format!(
            "[package]\nname = \"single\"\nedition = \"2024\"\n[dependencies]\n{} = {{ path = \"{workspace}/{}\", default-features = {} }}\n",
            self.crate_name, self.crate_name, self.default_features
        );
        for other in self.besides {
            let place = match stage.workspace().join(other).is_dir() {
                true => format!("path = \"{workspace}/{other}\", features = [\"yaml\"]"),
                false => "version = \"*\"".to_owned(),
            };
            manifest += &format!("{other} = {{ {place}, default-features = false }}\n");
        }
        manifest
    }
}

/// Builds and runs one; returns how many packages its users get besides their own.
fn try_out(stage: &Stage, single: &Single) -> Result<usize, Failure> {
    let name = single.name().replace(", no default features", "-plain");
    let package = stage.folder().join(&name);
    fs::create_dir_all(package.join("src")).explain(package.display())?;
    fs::write(package.join("Cargo.toml"), single.manifest(stage))?;
    fs::write(package.join("src/main.rs"), single.program)?;
    // The versions that everything else here is tested with.
    fs::copy(stage.workspace().join("Cargo.lock"), package.join("Cargo.lock"))?;
    let here = stage.data().join(&name);
    fs::create_dir(&here)?;
    let mut run = cargo(stage);
    run.current_dir(&here).args(["run", "--quiet", "--manifest-path"]).arg(package.join("Cargo.toml"));
    let ran = stage.finish(&mut run, &name)?.expect(0)?;
    if ran.stdout.trim() != single.prints {
        return Err(fail(format!("it should print `{}`: {}", single.prints, ran.said())));
    }
    let mut tree = cargo(stage);
    tree.current_dir(&package).args(["tree", "--edges", "normal", "--prefix", "none"]);
    let tree = stage.finish(&mut tree, &format!("{name}-tree"))?.expect(0)?;
    let packages: BTreeSet<&str> = tree.stdout.lines().filter_map(|line| line.split(' ').next()).collect();
    match single.without.iter().find(|unwanted| packages.contains(*unwanted)) {
        Some(unwanted) => Err(fail(format!("whoever uses it gets {unwanted}"))),
        None => Ok(packages.len().saturating_sub(1)),
    }
}

/// With what was built for another package kept for the next one.
fn cargo(stage: &Stage) -> Command {
    let mut cargo = stage.cargo();
    cargo.env("CARGO_TARGET_DIR", stage.warm("reader")).env("CARGO_PROFILE_DEV_DEBUG", "0");
    cargo
}
