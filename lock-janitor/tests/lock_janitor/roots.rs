//! Whose a root is, and what a service does where others have it too.

use crate::service::{Service, folder};
use crate::states::Holder;
use std::fs;
use std::io::{BufReader, Read};
use std::process::Stdio;

#[test]
fn there_is_one_janitor_for_each_root() {
    let folder = folder();
    std::os::unix::fs::symlink("root", folder.path().join("link")).unwrap();
    let first = Service::start(folder.path(), &["root"]);
    first.event("sweep", |_| true);
    for same in ["root", "link", "root/../root"] {
        let (code, said) = Service::ended(folder.path(), &[same]);
        assert_eq!(code, Some(4), "{said}");
        let pid = format!("process {}", first.child.id());
        assert!(said.contains("another janitor") && said.contains(&pid), "{said}");
    }
    first.end();
    let next = Service::start(folder.path(), &["link"]);
    next.event("sweep", |_| true);
    next.end();
}

#[test]
fn a_root_is_not_claimed_through_a_link() {
    for place in [".mooring", ".mooring/janitor"] {
        let folder = folder();
        fs::create_dir_all(folder.path().join("elsewhere")).unwrap();
        let link = folder.path().join("root").join(place);
        fs::create_dir_all(link.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(folder.path().join("elsewhere"), link).unwrap();
        let (code, said) = Service::ended(folder.path(), &["root"]);
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains("root") && said.contains("is a symbolic link"), "{said}");
        assert_eq!(fs::read_dir(folder.path().join("elsewhere")).unwrap().count(), 0);
    }
}

#[test]
fn roots_that_lie_in_each_other_have_one_janitor() {
    let folder = folder();
    fs::create_dir_all(folder.path().join("root/in/side")).unwrap();
    fs::create_dir_all(folder.path().join("root/beside")).unwrap();
    for (first, second) in [("root", "root/in/side"), ("root/in/side", "root")] {
        let service = Service::start(folder.path(), &[first]);
        service.event("sweep", |_| true);
        let (code, said) = Service::ended(folder.path(), &[second]);
        assert_eq!(code, Some(4), "{said}");
        let pid = format!("process {}", service.child.id());
        assert!(said.contains("another janitor") && said.contains(&pid), "{said}");
        service.end();
    }
    let service = Service::start(folder.path(), &["root/in/side"]);
    service.event("sweep", |_| true);
    let neighbour = Service::start(folder.path(), &["root/beside"]);
    neighbour.event("sweep", |_| true);
    neighbour.end();
    service.end();
}

#[test]
fn one_bridge_serves_a_lock_file_that_lies_in_two_roots() {
    let folder = folder();
    let inner = folder.path().join("root/in");
    fs::create_dir(&inner).unwrap();
    fs::write(inner.join("q.yaml.lock"), "").unwrap();
    fs::write(inner.join(".q.yaml.lock.retired.1"), "").unwrap();
    let open = fs::File::open(inner.join(".q.yaml.lock.retired.1")).unwrap();
    let service = Service::start(folder.path(), &["root", inner.to_str().unwrap()]);
    let swept = service.event("sweep", |_| true);
    assert_eq!(swept["bridges_open"], 1, "{swept}");
    drop(open);
    service.end();
}

#[test]
fn a_bridge_says_once_what_stays_as_it_is() {
    for is_folder in [true, false] {
        let folder = folder();
        let at = |name: &str| folder.path().join("root").join(name);
        fs::write(at(".q.yaml.lock.retired.1"), "").unwrap();
        let held = if is_folder {
            fs::create_dir(at("q.yaml.lock")).unwrap();
            None
        } else {
            Some(Holder::of(&at("q.yaml.lock"), "-x"))
        };
        let open = fs::File::open(at(".q.yaml.lock.retired.1")).unwrap();
        let mut command = Service::command(folder.path(), &["root", "--sweep-interval", "50ms"]);
        let mut service = Service::of(command.stderr(Stdio::piped()));
        for _ in 0..20 {
            service.event("sweep", |swept| swept["bridges_open"] == 1);
        }
        let mut said = String::new();
        let errors = service.child.stderr.take().unwrap();
        service.end();
        BufReader::new(errors).read_to_string(&mut said).unwrap();
        let lines = said.lines().filter(|line| line.contains("cannot be taken") || line.contains("gave up"));
        assert_eq!(lines.count(), usize::from(is_folder), "{said}");
        drop((held, open));
    }
}

#[test]
fn a_root_that_does_not_exist_is_not_found() {
    let folder = folder();
    let (code, said) = Service::ended(folder.path(), &["missing"]);
    assert_eq!(code, Some(7), "{said}");
    assert!(said.contains("missing does not exist"), "{said}");
}
