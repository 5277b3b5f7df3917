//! A lock file that nobody uses retired, and one that is held left alone.

use lock_janitor::{Janitor, Root, Rules, scan};
use std::error::Error;
use std::fs::{self, File};
use std::path::Path;
use std::time::Duration;

fn main() -> Result<(), Box<dyn Error>> {
    fs::write("idle.yaml.lock", "")?;
    let held = File::create("held.yaml.lock")?;
    held.lock()?;
    let rules = Rules { min_idle: Duration::ZERO, grace: Duration::from_millis(2), ..Rules::default() };
    let roots = [Root::at(".")];
    let sweep = Janitor::new().sweep(&scan(&roots, &rules, &|| false), &rules, &|| false);
    assert!(sweep.troubles.is_empty());
    assert_eq!(Path::new("idle.yaml.lock").exists(), cfg!(not(target_os = "linux")));
    assert!(Path::new("held.yaml.lock").exists());
    println!("swept");
    Ok(())
}
