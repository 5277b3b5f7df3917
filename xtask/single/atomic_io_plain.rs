//! Without YAML: a file of any format replaced as a whole, under a lock's re-exported names.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    atomic_io::replace("settings.toml", b"a = 1\n")?;
    atomic_io::replace("settings.toml", b"a = 2\n")?;
    assert_eq!(std::fs::read("settings.toml")?, b"a = 2\n");
    assert_ne!(atomic_io::Wait::Never, atomic_io::Wait::Forever);
    println!("replaced");
    Ok(())
}
