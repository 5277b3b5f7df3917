//! From lines to questions with answers.

use super::{Answer, Asked, History, Kill, Moment, What, Work};
use std::collections::HashMap;

impl History {
    /// Reads the lines of all who wrote, in any order.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut lines = text
            .lines()
            .map(|line| {
                let time = line.split_whitespace().next().and_then(|time| time.parse::<u64>().ok());
                time.map(|at| (at, line.to_owned())).ok_or_else(|| format!("`{line}` has no time"))
            })
            .collect::<Result<Vec<_>, _>>()?;
        lines.sort_by_key(|(at, _)| *at);
        let mut reader = Reader::default();
        for (number, (at, line)) in lines.iter().enumerate() {
            let words: Vec<&str> = line.split_whitespace().skip(1).collect();
            let (who, said) = words.split_first().ok_or_else(|| format!("`{line}` says nothing"))?;
            let moment = Moment { at: *at, line: number };
            reader.take(who, said, moment).map_err(|why| format!("`{line}`: {why}"))?;
        }
        Ok(Self {
            lines: lines.into_iter().map(|(_, line)| line).collect(),
            asked: reader.asked,
            work: reader.work,
            kills: reader.kills,
        })
    }
}

#[derive(Default)]
struct Reader {
    asked: Vec<Asked>,
    work: Vec<Work>,
    kills: HashMap<String, Kill>,
    /// The question of each writer that has no answer yet.
    open: HashMap<String, usize>,
}

impl Reader {
    fn take(&mut self, who: &str, said: &[&str], moment: Moment) -> Result<(), String> {
        match said {
            ["asked", question @ ..] => self.ask(who, question, moment),
            ["got", id, attempt] => self.got(who, id, number(attempt)?, moment),
            ["ok"] => self.answer(who, Answer::Yes(moment)),
            ["refused"] => self.answer(who, Answer::Refused(moment)),
            ["nothing"] => self.answer(who, Answer::Nothing(moment)),
            ["lost"] => self.answer(who, Answer::None { until: moment.at }),
            ["started", id, attempt] => self.started(who, id, number(attempt)?, moment),
            ["ended", id, attempt] => self.ended(who, id, number(attempt)?, moment),
            ["killing"] => {
                self.kills.insert(who.into(), Kill { killing: moment, killed: None });
                Ok(())
            }
            ["killed"] => self.killed(who, moment),
            _ => Err("it is no line of a history".into()),
        }
    }

    fn ask(&mut self, who: &str, question: &[&str], asked: Moment) -> Result<(), String> {
        let named = |id: &&str| (*id != "-").then(|| (*id).to_owned());
        let held = |what, id: &&str, attempt: &&str| Ok((what, named(id), Some(number(attempt)?)));
        let (what, id, attempt) = match question {
            ["claim", id, lease] => Ok((What::Claim(Some(milliseconds(lease)?)), named(id), None)),
            ["run", id] => Ok((What::Claim(None), named(id), None)),
            ["heartbeat", id, attempt, lease] => held(What::Heartbeat(milliseconds(lease)?), id, attempt),
            ["start", id, attempt] => held(What::Start, id, attempt),
            ["done", id, attempt] => held(What::Done, id, attempt),
            ["fail", id, attempt] => held(What::Fail, id, attempt),
            ["release", id, attempt] => held(What::Release, id, attempt),
            _ => Err(String::from("it is no question")),
        }?;
        // Nobody has seen it end: it may take effect as long as the clock runs.
        let answer = Answer::None { until: u64::MAX };
        if self.open.insert(who.into(), self.asked.len()).is_some() {
            return Err(format!("{who} asks although the last question is open"));
        }
        self.asked.push(Asked { who: who.into(), what, id, attempt, asked, answer });
        Ok(())
    }

    fn open(&mut self, who: &str) -> Result<&mut Asked, String> {
        let place = self.open.get(who).and_then(|place| self.asked.get_mut(*place));
        place.ok_or_else(|| format!("{who} has asked for nothing"))
    }

    fn answer(&mut self, who: &str, answer: Answer) -> Result<(), String> {
        self.open(who)?.answer = answer;
        self.open.remove(who);
        Ok(())
    }

    /// A grant. For a claim that lasts as long as its processes it comes when these have ended well.
    fn got(&mut self, who: &str, id: &str, attempt: u64, moment: Moment) -> Result<(), String> {
        let open = self.open(who)?;
        if open.id.as_deref().is_some_and(|asked| asked != id) {
            return Err("it is not what was asked for".into());
        }
        if open.attempt.is_some_and(|held| held != attempt) {
            return Err("it is not the attempt that was begun".into());
        }
        (open.id, open.attempt) = (Some(id.into()), Some(attempt));
        self.answer(who, Answer::Yes(moment))
    }

    fn started(&mut self, who: &str, id: &str, attempt: u64, started: Moment) -> Result<(), String> {
        // The task of a claim without a lease is the first that tells of it.
        if self.open(who).is_ok_and(|open| open.what == What::Claim(None)) {
            self.got(who, id, attempt, started)?;
        }
        self.work.push(Work { who: who.into(), id: id.into(), attempt, started, ended: None });
        Ok(())
    }

    fn ended(&mut self, who: &str, id: &str, attempt: u64, ended: Moment) -> Result<(), String> {
        let is_it = |work: &&mut Work| {
            (work.who.as_str(), work.id.as_str(), work.attempt, work.ended.is_none())
                == (who, id, attempt, true)
        };
        let work = self.work.iter_mut().find(is_it).ok_or("it was not started")?;
        work.ended = Some(ended);
        let claims = self.asked.iter().rev();
        let mut claims = claims.filter(|asked| asked.who == who && matches!(asked.what, What::Claim(_)));
        // Nobody asks for the end of a claim without a lease: whoever watches over the task writes it down.
        if claims.next().is_some_and(|claim| claim.what == What::Claim(None)) {
            self.ask(who, &["done", id, &attempt.to_string()], ended)?;
        }
        Ok(())
    }

    fn killed(&mut self, who: &str, moment: Moment) -> Result<(), String> {
        let kill = self.kills.get_mut(who).ok_or("nobody was about to")?;
        kill.killed = Some(moment);
        if self.open.contains_key(who) {
            self.answer(who, Answer::None { until: moment.at })?;
        }
        Ok(())
    }
}

fn number(word: &str) -> Result<u64, String> {
    word.parse().map_err(|error| format!("{word}: {error}"))
}

/// In nanoseconds.
fn milliseconds(word: &str) -> Result<u64, String> {
    number(word)?.checked_mul(1_000_000).ok_or_else(|| format!("{word} is too long"))
}
