//! The examples of the README are run, and must print what stands there.

use crate::program::Program;
use std::path::Path;
use std::process::Command;

/// The blocks are run one after the other in one folder, each in a shell: `$` begins what is typed, the rest is what is printed.
#[test]
fn the_commands_of_the_readme_print_what_it_says() {
    let readme = include_str!("../../README.md");
    let program = Program::with("queue.yaml", include_str!("../../../examples/queue.yaml"));
    let binary = Path::new(env!("CARGO_BIN_EXE_atomic-io"));
    let path = std::env::var_os("PATH").unwrap();
    let folders = [binary.parent().unwrap().to_path_buf()].into_iter().chain(std::env::split_paths(&path));
    let path = std::env::join_paths(folders).unwrap();
    let mut commands = 0;
    for block in readme.split("```console\n").skip(1) {
        let block = &block[..block.find("```").unwrap()];
        for step in block.split("$ ").skip(1) {
            let (typed, printed) = step.split_once('\n').unwrap();
            let output = Command::new("sh")
                .args(["-c", &format!("{{ {typed}; }} 2>&1")])
                .current_dir(program.path(""))
                .env("PATH", &path)
                .output()
                .unwrap();
            assert_eq!(String::from_utf8(output.stdout).unwrap(), printed, "{typed}");
            commands += 1;
        }
    }
    assert!(commands >= 10, "{commands}");
}
