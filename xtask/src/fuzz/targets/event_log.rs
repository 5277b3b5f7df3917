use super::{Case, Choices, Tally};
use serde::{Deserialize, Serialize};
use std::io;
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct DamagedLog {}
impl Case for DamagedLog {
    type Bench = ();
    fn bench() -> io::Result<()> {
        Ok(())
    }
    fn generate(_: &mut Choices<'_>) -> Self {
        Self {}
    }
    fn check(&self, (): &mut (), _: &mut Tally) -> Result<(), String> {
        Ok(())
    }
    fn simpler(&self) -> Vec<Self> {
        vec![]
    }
}
