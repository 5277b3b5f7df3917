//! One turn of a dispatcher: what its supervisors have to say and the claims for all free places, in one update.

use super::dispatcher::Dispatcher;
use super::supervisor::{begin, end_task, is_final, told_of};
use super::talk::{Answer, Wish};
use crate::exit::{Failure, with_causes};
use atomic_io::Document;
use jiff::Timestamp;
use queue_cli::QueueError;
use queue_cli::ops::{Batch, BatchRequest, Change, Claim, Proof, Token, claim_batch};
use queue_cli::slots::Metric;
use serde_json::Value;

/// What a supervisor wishes, and for which claim.
#[derive(Debug)]
pub(super) struct Wished {
    pid: i32,
    identity: String,
    token: Token,
    slot: Option<String>,
    wish: Wish,
}

impl Wished {
    pub(super) fn is_of(&self, pid: i32) -> bool {
        self.pid == pid
    }
}

/// What was written down of a wish.
struct Written {
    fields: Value,
    again_at: Option<String>,
    at: Timestamp,
}

/// Whether a turn claims tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Claiming {
    Yes,
    /// It only writes down what there is.
    No,
}

impl Dispatcher<'_> {
    /// Keeps for the next turn what the supervisor `pid` wishes.
    pub(super) fn wished(&mut self, pid: i32, wish: Wish) {
        let Some(working) = self.crew.wishes(pid) else { return };
        let token = Token { id: working.claim.id.clone(), proof: Proof::Attempt(working.claim.attempt) };
        let slot = self.places.get(working.place).map(|place| place.name.clone());
        self.wishes.push(Wished { pid, identity: working.identity.clone(), token, slot, wish });
    }

    /// Looks without the lock what is ready, and if there is something to do, or the end to be found, claims under it.
    pub(super) fn look_and_claim(&mut self) -> Result<Batch, Failure> {
        self.unchanged.look(self.context.queue.path());
        let free = self.places.number() - self.crew.working().len();
        let seen = self.look()?;
        if let Some(file) = &mut self.places.file {
            file.see_others(&seen.others);
        }
        let may_be_over = !self.args.watch && self.is_over(&seen);
        if (free == 0 || seen.left == 0) && !may_be_over {
            return Ok(seen);
        }
        self.crew
            .have_idle(seen.left.min(free))
            .map_err(|error| Failure::because("cannot start a supervisor", error))?;
        self.write_and_claim(Claiming::Yes)
    }

    /// Writes down what the supervisors wish, and claims for all that are idle or become so by it. A dispatcher that cannot write has
    /// them do it themselves.
    pub(super) fn write_and_claim(&mut self, claiming: Claiming) -> Result<Batch, Failure> {
        let wishes = std::mem::take(&mut self.wishes);
        let is_over = self.context.is_over();
        let (idle, own, except) = (self.crew.idle_identities(), self.crew.identities(), self.except());
        let committed = self.context.queue.commit(|document, now| {
            let (mut written, mut events) = (Vec::new(), Vec::new());
            let (mut running, mut supervisors, mut except) =
                (self.crew.working().len(), idle.clone(), except.clone());
            for wished in &wishes {
                let change = self.write(document, now, wished)?;
                if change.value.is_some() && matches!(wished.wish, Wish::End(_)) {
                    running -= 1;
                    // It may be waiting to be tried again.
                    except.retain(|id| *id != wished.token.id);
                    if !self.crew.is_leaving(wished.pid) {
                        supervisors.push(wished.identity.clone());
                    }
                }
                written.push(change.value);
                events.extend(change.events);
            }
            let claims = match claiming {
                Claiming::Yes => {
                    let request = BatchRequest { running, ..self.request(&supervisors, &own, &except) };
                    claim_batch(document, now, &is_over, &request)?
                }
                Claiming::No => Change::none(Batch::default()),
            };
            events.extend(claims.events);
            Ok(Change { value: (written, claims.value), events })
        });
        drop(is_over);
        let committed = match committed {
            Ok(committed) => committed,
            Err(error) => {
                wishes.iter().for_each(|wished| self.crew.answer(wished.pid, &Answer::Alone));
                return Err(error.into());
            }
        };
        if let Err(error) = committed.durability {
            self.progress.note(&with_causes(&error));
        }
        let (written, batch) = committed.value;
        for (wished, written) in wishes.into_iter().zip(written) {
            self.answer(wished, written);
        }
        for claim in &batch.claims {
            self.assign(claim);
        }
        Ok(batch)
    }

    /// One wish; `None` if the claim is not the supervisor's any more, which it is to find out itself.
    fn write(
        &self,
        document: &mut Document,
        now: Timestamp,
        wished: &Wished,
    ) -> Result<Change<Option<Written>>, QueueError> {
        let Wished { token, slot, wish, .. } = wished;
        let written = match wish {
            Wish::Begin => begin(document, now, token).map(|change| {
                let value = Written { fields: change.value, again_at: None, at: now };
                Change { value: Some(value), events: change.events }
            }),
            Wish::End(end) => {
                let (agent, backoff) = (&self.context.agent, self.args.retries.backoff());
                end_task(document, now, token, end, agent, Some(&backoff)).map(|change| {
                    let value = Written { fields: Value::Null, again_at: change.value, at: now };
                    Change { value: Some(value), events: change.events }
                })
            }
        };
        match written {
            Err(error) if is_final(&error) => Ok(Change::none(None)),
            written => written.map(|change| told_of(change, slot.as_deref())),
        }
    }

    fn answer(&mut self, wished: Wished, written: Option<Written>) {
        let Some(Written { fields, again_at, at }) = written else {
            self.crew.answer(wished.pid, &Answer::Alone);
            return;
        };
        self.crew.answer(wished.pid, &Answer::Written(fields));
        if let Wish::End(end) = wished.wish
            && let Some(finished) = self.crew.finished(wished.pid)
        {
            self.account(finished, end, again_at, at);
        }
    }

    /// The same on a copy that nobody sees: only a guess, the claim itself looks again under the lock.
    fn look(&self) -> Result<Batch, Failure> {
        let mut document = self.context.queue.read()?;
        let is_over = self.context.is_over();
        let (own, except) = (self.crew.identities(), self.except());
        let request = self.request(&[], &own, &except);
        Ok(claim_batch(&mut document, Timestamp::now(), &is_over, &request)?.value)
    }

    fn request<'r>(
        &'r self,
        supervisors: &'r [String],
        own: &'r [String],
        except: &'r [String],
    ) -> BatchRequest<'r> {
        BatchRequest {
            agent: &self.context.agent,
            supervisors,
            own,
            has_command: self.has_command,
            running: self.crew.working().len(),
            slots: self.places.number(),
            except,
            waited: self.own_waits.over(),
        }
    }

    /// The tasks to be left alone. A supervisor may have ended without our having heard of it: its task is not claimed again before that end
    /// is counted.
    fn except(&self) -> Vec<String> {
        let working = self.crew.working().iter().map(|working| working.claim.id.clone());
        self.given_up.iter().cloned().chain(working).collect()
    }

    fn assign(&mut self, claim: &Claim) {
        self.own_waits.forget(&claim.id);
        let place = self.places.best(claim.resource.as_deref(), |place| self.crew.is_free(place));
        let Some((number, place)) = place.and_then(|number| Some((number, self.places.get(number)?))) else {
            // More claims than places cannot be; the claim ends with the supervisor that hears nothing.
            self.progress.note(&format!("{}: there is no place for it", claim.id));
            return;
        };
        let timeout = self.args.how.timeout.or(place.max_duration);
        match self.crew.assign(claim.clone(), number, &place.name, timeout) {
            Ok(()) => self.progress.began(number, &place.name, claim),
            // The supervisor has died. Its claim is over then, and is claimed again.
            Err(error) => self.progress.note(&format!("{}: its supervisor is gone: {error}", claim.id)),
        }
        if let Some(file) = &mut self.places.file {
            file.count(Metric::Dispatched);
        }
    }
}
