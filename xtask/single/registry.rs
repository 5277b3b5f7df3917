//! A skill looked for, and its use written down.

use atomic_io::Wait;
use registry::ops::{self, NewOutcome};
use registry::{Ending, Registry};
use std::error::Error;

const SKILLS: &str = "\
metadata: {total_skills: 1}
skills:
  mover:
    name: Mover   # of shelves
    category: agent
    selection: {auto_trigger_conditions: []}
";

fn main() -> Result<(), Box<dyn Error>> {
    std::fs::write("skill-registry.yaml", SKILLS)?;
    let registry = Registry::at("skill-registry.yaml", Wait::Forever);
    let done = NewOutcome {
        task_id: "T-7".into(),
        skill_used: Some("mover".into()),
        outcome: Some(Ending::Success),
        ..NewOutcome::default()
    };
    registry.apply(|document, now| ops::record(document, now, &done))?;
    assert_eq!(registry.usage("mover")?.usage_count, 1);
    assert!(std::fs::read_to_string("skill-registry.yaml")?.contains("# of shelves"));
    println!("recorded");
    Ok(())
}
