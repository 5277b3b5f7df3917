//! `queue hook`: what git runs, and how it gets to know of it.

use crate::program::Program;
use crate::reanalyzing::Repository;
use std::fs;
use std::os::unix::fs::PermissionsExt;

const QUEUE: &str = "\
tasks:
- {id: LIB, status: pending, files_referenced: [src/lib.rs]}
- {id: DONE, status: completed}
- {id: NEXT, status: blocked, blockedBy: [DONE]}
- {id: SICK, status: pending, success_rate: 0.7}
";

/// A commit and a merge, with hooks that git itself runs.
#[test]
fn git_runs_the_hooks_that_were_installed() {
    let repository = Repository::with_queue(QUEUE);
    let program = &repository.0;
    let installed = program.run("hook install");
    assert_eq!(installed.code, 0, "{}", installed.err);
    assert_eq!(installed.out.matches("is installed").count(), 2, "{}", installed.out);
    let again = program.run("hook install");
    assert_eq!((again.code, again.out.matches("does so already").count()), (0, 2));

    repository.write("src/lib.rs", "two");
    let said = repository.commit("second");
    assert!(said.contains("LIB  flag") && said.contains("NEXT  unblock"), "{said}");
    let queue = program.read("queue.yaml");
    assert!(queue.contains("files_referenced: [src/lib.rs], tags: [needs-review]}"), "{queue}");
    assert!(queue.contains("{id: NEXT, status: pending,"), "{queue}");
    // That is for a merge.
    assert!(queue.contains("success_rate: 0.7}"), "{queue}");

    repository.git(&["checkout", "-q", "--", "queue.yaml"]);
    repository.git(&["checkout", "-q", "-b", "side", "HEAD~1"]);
    repository.write("docs/plan ä.md", "two");
    repository.git(&["-c", "core.hooksPath=/dev/null", "commit", "-q", "-a", "-m", "aside"]);
    repository.git(&["checkout", "-q", "main"]);
    let said = repository.git(&["merge", "-q", "--no-edit", "side"]);
    assert!(said.contains("SICK  flag") && said.contains("NEXT  unblock") && !said.contains("LIB"), "{said}");
}

/// The queue is below the root, and both have names that a shell would take apart.
#[test]
fn a_queue_with_blanks_and_quotes_in_its_name_is_found_by_its_hook() {
    let repository = Repository::with_queue("");
    let name = "it's a folder/my queue.yaml";
    repository.write(name, QUEUE);
    let installed = repository.0.command(&["-f", name, "hook", "install"]).output().unwrap();
    assert!(installed.status.success());
    repository.write("src/lib.rs", "two");
    let said = repository.commit("second");
    assert!(said.contains("LIB  flag") && said.contains("NEXT  unblock"), "{said}");
    assert!(repository.0.read(name).contains("needs-review"));
}

#[test]
fn a_hook_that_is_there_stays_as_it_is() {
    let repository = Repository::with_queue(QUEUE);
    let program = &repository.0;
    let own = program.path(".git/hooks/post-commit");
    fs::create_dir_all(own.parent().unwrap()).unwrap();
    fs::write(&own, "#!/bin/sh\ntouch committed\n").unwrap();
    fs::set_permissions(&own, fs::Permissions::from_mode(0o755)).unwrap();
    let installed = program.run("hook install");
    assert_eq!(installed.code, 4);
    assert_eq!(fs::read_to_string(&own).unwrap(), "#!/bin/sh\ntouch committed\n");
    assert!(program.path(".git/hooks/post-merge").exists());
    // The line that is told, added by hand, does it.
    let line = installed.out.lines().find(|line| line.ends_with("hook post-commit || :")).unwrap().trim();
    fs::write(&own, format!("#!/bin/sh\ntouch committed\n{line}\n")).unwrap();
    repository.write("src/lib.rs", "two");
    assert!(repository.commit("second").contains("LIB  flag"));
    assert!(program.path("committed").exists());
    assert_eq!(program.run("hook install").code, 0);
}

#[test]
fn a_hook_never_fails() {
    let repository = Repository::with_queue(QUEUE);
    let program = &repository.0;
    program.run("hook install");
    fs::write(program.path("queue.yaml"), "tasks: [\n").unwrap();
    repository.write("src/lib.rs", "two");
    let said = repository.commit("second");
    assert!(said.contains("was not looked at again") && said.contains("queue.yaml:1:"), "{said}");
    assert_eq!(program.read("queue.yaml"), "tasks: [\n");
    fs::remove_file(program.path("queue.yaml")).unwrap();
    for line in ["hook post-commit", "hook post-merge", "hook post-commit --rules none.yaml"] {
        let ended = program.run(line);
        assert!(ended.code == 0 && !ended.err.is_empty(), "{line} {}", ended.code);
    }
    // Nor does it need a repository for what is not about files.
    let alone = Program::with_queue(QUEUE);
    let ended = alone.run("hook post-commit");
    assert!(ended.code == 0 && ended.out.contains("NEXT  unblock"), "{}", ended.out);
    assert_eq!(alone.run("hook install").code, 7);
    assert_eq!(alone.run("-f typo.yaml hook install").code, 7);
}

/// The line had `--file` alone: events went elsewhere, and a lock that others know was not taken.
#[test]
fn hook_install_drops_how_the_queue_is_used() {
    let repository = Repository::with_queue(QUEUE);
    let program = &repository.0;
    let install: Vec<&str> =
        "--events|X log.yaml|--also-lock|other.lock|--also-lock|third.lock|--lock-timeout|1s|--agent|it's me|hook|install"
            .split('|')
            .collect();
    assert!(program.command(&install).output().unwrap().status.success());
    repository.write("src/lib.rs", "two");
    let lock = lock_core::LockFile::at(program.path("third.lock"));
    let held = lock.exclusive(lock_core::Wait::Never).unwrap();
    let said = repository.commit("second");
    assert!(said.contains("was not looked at again") && said.contains("third.lock"), "{said}");
    drop(held);
    repository.write("src/lib.rs", "three");
    let said = repository.commit("third");
    assert!(said.contains("LIB  flag"), "{said}");
    assert!(program.read("X log.yaml").contains("src/lib.rs changed since"));
    // Nothing that a hook does bears a name; the line says it nevertheless, as it was said.
    let hook = program.read(".git/hooks/post-commit");
    assert!(hook.contains(r"--lock-timeout '1s' --agent 'it'\''s me' "), "{hook}");
    assert!(program.path("other.lock").exists() && !program.path("events.yaml").exists());

    let repository = Repository::with_queue(QUEUE);
    assert_eq!(repository.0.run("--no-events hook install").code, 0);
    repository.write("src/lib.rs", "two");
    assert!(repository.commit("second").contains("LIB  flag"));
    assert!(!repository.0.path("events.yaml").exists());
}

/// git says nothing of it, or one line that is easily missed, and the hook never runs.
#[test]
fn a_hook_that_git_ignores_is_called_installed() {
    let repository = Repository::with_queue(QUEUE);
    let program = &repository.0;
    program.run("hook install");
    let hook = program.path(".git/hooks/post-commit");
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o644)).unwrap();
    let told = program.run("hook install");
    assert_eq!(told.code, 4, "{}", told.out);
    assert!(told.out.contains("not executable") && told.out.contains("does so already"), "{}", told.out);
    assert_eq!(fs::metadata(&hook).unwrap().permissions().mode() & 0o777, 0o644);
    let told = program.run("hook install --json").out;
    assert!(told.contains("\"not_executable\"") && told.contains("\"already\""), "{told}");
}
