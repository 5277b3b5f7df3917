//! What each kind of call does.

use super::{Opened, Recorder, argument, number, plain};
use crate::crash::world::{Change, Kind, Node, Place};
use crate::judges::trace::Call;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

impl Recorder<'_> {
    pub(super) fn open(&mut self, call: &Call) -> Result<(), String> {
        let descriptor = call.result.unwrap_or_default();
        self.descriptors.remove(&descriptor);
        let (at, flags_at) = if matches!(call.name.as_str(), "openat" | "openat2") { (1, 2) } else { (0, 1) };
        let Some(path) = self.path(call, at)? else { return Ok(()) };
        let flags = argument(call, flags_at)?;
        let has = |flag| call.name != "creat" && flags.text.contains(flag);
        let is_made = call.name == "creat" || has("O_CREAT") || has("O_TMPFILE");
        let mode_argument = if call.name == "creat" { 1 } else { flags_at + 1 };
        let mode =
            if is_made { u32::try_from(number(call, mode_argument)?).unwrap_or(0) & !self.umask } else { 0 };
        let node = if has("O_TMPFILE") {
            self.make(Kind::File, mode, "a file without a name")
        } else {
            match self.world.find(&path) {
                Some(node) => {
                    let is_cut = has("O_TRUNC") || call.name == "creat";
                    if is_cut && !self.world.content(node).is_empty() {
                        self.note(
                            Change::Truncate { file: node, size: 0 },
                            format!("truncate {} to 0", path.display()),
                        );
                    }
                    node
                }
                None if is_made => {
                    let place = self.place(&path)?;
                    let node = self.make(Kind::File, mode, &path.display().to_string());
                    self.rename_to(vec![(place, Some(node))], None, format!("name it {}", path.display()));
                    node
                }
                None => return Err(format!("{} was opened, but the model has no such file", path.display())),
            }
        };
        self.opened.push(Opened { node, position: 0, appends: has("O_APPEND") });
        self.descriptors.insert(descriptor, self.opened.len() - 1);
        Ok(())
    }

    fn make(&mut self, kind: Kind, mode: u32, what: &str) -> Node {
        let node = self.next;
        self.next += 1;
        self.note(Change::Made { node, kind, mode }, format!("make {what}"));
        node
    }

    fn rename_to(&mut self, places: Vec<(Place, Option<Node>)>, took_place: Option<Node>, told: String) {
        self.note(Change::Names { places, took_place }, told);
    }

    pub(super) fn duplicate(&mut self, call: &Call) -> Result<(), String> {
        if call.name == "fcntl" && !call.args.contains("F_DUPFD") {
            // Whether writes append is settled when a file is opened.
            return if call.args.contains("F_SETFL") && self.opened(call).is_some() {
                Err("it changes how a tracked file is written".into())
            } else {
                Ok(())
            };
        }
        let copy = call.result.unwrap_or_default();
        match self.descriptors.get(&number(call, 0)?).copied() {
            Some(opened) => drop(self.descriptors.insert(copy, opened)),
            None => drop(self.descriptors.remove(&copy)),
        }
        Ok(())
    }

    pub(super) fn move_position(&mut self, call: &Call) -> Result<(), String> {
        let result = usize::try_from(call.result.unwrap_or_default()).map_err(|error| error.to_string())?;
        let is_seek = call.name == "lseek";
        if let Some(opened) = self.opened(call) {
            opened.position = if is_seek { result } else { opened.position + result };
        }
        Ok(())
    }

    pub(super) fn write(&mut self, call: &Call) -> Result<(), String> {
        let buffer = argument(call, 1)?;
        let written = usize::try_from(call.result.unwrap_or_default()).map_err(|error| error.to_string())?;
        let mut bytes = buffer.bytes();
        let Some(opened) = self.opened(call).copied() else {
            if number(call, 0)? == 1 {
                let text = String::from_utf8_lossy(&bytes).trim().to_owned();
                self.note(Change::Said { text: text.clone() }, format!("say {text:?}"));
            }
            return if self.place_is_ours(argument(call, 0)?) {
                Err("its descriptor is not known".into())
            } else {
                Ok(())
            };
        };
        if buffer.is_cut || bytes.len() < written {
            return Err("strace did not show all that was written".into());
        }
        bytes.truncate(written);
        let size = self.world.content(opened.node).len();
        let is_positioned = call.name.starts_with('p');
        // On a descriptor that appends, Linux appends whatever position a call names.
        let at = match () {
            () if opened.appends => size,
            () if is_positioned => {
                usize::try_from(number(call, if call.name == "pwrite64" { 3 } else { 2 })?)
                    .map_err(|error| error.to_string())?
            }
            () => opened.position,
        };
        if !is_positioned && let Some(opened) = self.opened(call) {
            opened.position = at + written;
        }
        let told = format!("write {written} bytes at {at} of {}", self.name_of(opened.node));
        self.note(Change::Write { file: opened.node, at, bytes }, told);
        Ok(())
    }

    pub(super) fn truncate(&mut self, call: &Call) -> Result<(), String> {
        let Some(node) = self.subject(call)? else { return Ok(()) };
        let size = usize::try_from(number(call, 1)?).map_err(|error| error.to_string())?;
        let told = format!("truncate {} to {size}", self.name_of(node));
        self.note(Change::Truncate { file: node, size }, told);
        Ok(())
    }

    pub(super) fn rename(&mut self, call: &Call) -> Result<(), String> {
        let (from_at, to_at) = if call.name == "rename" { (0, 1) } else { (1, 3) };
        let (from, to) = match (self.path(call, from_at)?, self.path(call, to_at)?) {
            (None, None) => return Ok(()),
            (Some(from), Some(to)) => (from, to),
            _ => return Err("it moves a file into the tracked folder, or out of it".into()),
        };
        let flags = call.arguments.get(4);
        if flags.is_some_and(|flags| flags.has("RENAME_WHITEOUT")) {
            return Err("RENAME_WHITEOUT is not modelled".into());
        }
        let known =
            |path: &Path| self.world.find(path).ok_or_else(|| format!("the model has no {}", path.display()));
        let moved = known(&from)?;
        let (from_place, to_place) = (self.place(&from)?, self.place(&to)?);
        if flags.is_some_and(|flags| flags.has("RENAME_EXCHANGE")) {
            let other = known(&to)?;
            let told = format!("exchange {} and {}", from.display(), to.display());
            self.rename_to(vec![(from_place, Some(other)), (to_place, Some(moved))], None, told);
            return Ok(());
        }
        let replaced = self.world.find(&to);
        if replaced == Some(moved) {
            return Ok(());
        }
        let told = format!("rename {} to {}", from.display(), to.display());
        self.rename_to(vec![(from_place, None), (to_place, Some(moved))], replaced.map(|_| moved), told);
        Ok(())
    }

    pub(super) fn link(&mut self, call: &Call) -> Result<(), String> {
        let (from_at, to_at) = if call.name == "link" { (0, 1) } else { (1, 3) };
        let Some(to) = self.path(call, to_at)? else { return Ok(()) };
        let source = argument(call, from_at)?.string().unwrap_or_default();
        let descriptor = if source.is_empty() {
            Some(number(call, 0)?)
        } else {
            let text = std::str::from_utf8(source).ok();
            text.and_then(|text| text.strip_prefix("/proc/self/fd/")).and_then(|digits| digits.parse().ok())
        };
        let node = match descriptor {
            Some(descriptor) => self.descriptors.get(&descriptor).map(|opened| self.opened[*opened].node),
            None => self.path(call, from_at)?.and_then(|path| self.world.find(&path)),
        };
        let node = node.ok_or("what is linked is not known")?;
        let place = self.place(&to)?;
        self.rename_to(vec![(place, Some(node))], None, format!("link {}", to.display()));
        Ok(())
    }

    pub(super) fn unlink(&mut self, call: &Call) -> Result<(), String> {
        let at = usize::from(call.name == "unlinkat");
        let Some(path) = self.path(call, at)? else { return Ok(()) };
        let place = self.place(&path)?;
        self.rename_to(vec![(place, None)], None, format!("remove {}", path.display()));
        Ok(())
    }

    pub(super) fn make_folder(&mut self, call: &Call) -> Result<(), String> {
        let at = usize::from(call.name == "mkdirat");
        let Some(path) = self.path(call, at)? else { return Ok(()) };
        let mode = u32::try_from(number(call, at + 1)?).unwrap_or(0) & !self.umask;
        let place = self.place(&path)?;
        let node = self.make(Kind::Folder, mode, &path.display().to_string());
        self.rename_to(vec![(place, Some(node))], None, format!("name it {}", path.display()));
        Ok(())
    }

    pub(super) fn change_mode(&mut self, call: &Call) -> Result<(), String> {
        let Some(node) = self.subject(call)? else { return Ok(()) };
        let at = if call.name.starts_with("fchmodat") { 2 } else { 1 };
        let mode = u32::try_from(number(call, at)?).unwrap_or(0) & 0o7777;
        let told = format!("change the mode of {} to {mode:o}", self.name_of(node));
        self.note(Change::Mode { node, mode }, told);
        Ok(())
    }

    pub(super) fn change_owner(&mut self, call: &Call) -> Result<(), String> {
        let Some(node) = self.subject(call)? else { return Ok(()) };
        let mode = self.world.bodies.get(&node).map_or(0, |body| body.mode);
        let told = format!("change the owner of {}", self.name_of(node));
        self.note(Change::Mode { node, mode }, told);
        Ok(())
    }

    pub(super) fn sync(&mut self, call: &Call) -> Result<(), String> {
        if matches!(call.name.as_str(), "sync" | "syncfs") {
            self.note(Change::SyncAll, call.name.clone());
            return Ok(());
        }
        let Some(node) = self.subject(call)? else { return Ok(()) };
        let told = format!("{} {}", call.name, self.name_of(node));
        let change = if call.name == "fsync" { Change::Sync { node } } else { Change::SyncData { node } };
        self.note(change, told);
        Ok(())
    }

    pub(super) fn change_folder(&mut self, call: &Call) -> Result<(), String> {
        let first = argument(call, 0)?;
        let given = first.place().map(Path::to_path_buf);
        let named = first.string().map(|path| self.folder.join(OsStr::from_bytes(path)));
        self.folder = plain(&given.or(named).ok_or("its folder is not known")?);
        Ok(())
    }
}
