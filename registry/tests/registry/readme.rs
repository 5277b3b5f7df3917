//! The examples of the README are run, and must print what stands there.

use std::process::Command;

#[test]
fn the_commands_of_the_readme_print_what_it_says() {
    let readme = include_str!("../../README.md");
    let mut commands = 0;
    for block in readme.split("```console\n").skip(1) {
        let block = &block[..block.find("```").unwrap()];
        let (command, expected) = block.split_once('\n').unwrap();
        let args = command.strip_prefix("$ registry ").unwrap().split(' ');
        let output = Command::new(env!("CARGO_BIN_EXE_registry"))
            .args(args)
            .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
            .output()
            .unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), expected, "{command}");
        commands += 1;
    }
    assert_eq!(commands, 2);
}
