//! `lock-janitor check-config`

use crate::cli::CheckConfig;
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::settings::Settings;
use crate::time::show;
use lock_janitor::{Deletion, Owners};
use serde_json::json;

/// Says what a configuration file means, or what is wrong with it.
pub(crate) fn run(args: &CheckConfig, as_json: bool) -> Result<(String, Exit), Failure> {
    let settings = Settings::of_config(Config::read(&args.file)?)?;
    let (rules, warnings) = (&settings.rules, settings.warnings());
    let deletes = rules.deletion == Deletion::Retire;
    if as_json {
        let folders: Vec<_> = settings.roots.iter().map(|root| root.folder.display().to_string()).collect();
        let object = json!({
            "valid": true,
            "roots": folders,
            "min_idle_s": rules.min_idle.as_secs_f64(),
            "grace_s": rules.grace.as_secs_f64(),
            "sweep_interval_s": settings.sweep_interval.as_secs_f64(),
            "long_hold_s": rules.long_hold.as_secs_f64(),
            "delete": deletes,
            "owners": if rules.owners == Owners::Us { "us" } else { "everybody" },
            "metrics": settings.metrics.map(|metrics| metrics.listen.0.to_string()),
            "warnings": warnings,
        });
        return Ok((format!("{object:#}\n"), Exit::Done));
    }
    let mut text = format!("{} is valid\n", args.file.display());
    for root in &settings.roots {
        text.push_str(&format!("  looks after {}\n", root.folder.display()));
    }
    let what = if deletes { "retires lock files" } else { "removes nothing; would retire lock files" };
    text.push_str(&format!(
        "  {what} idle for {}, with a grace of {}\n  sweeps every {}, reports holds longer than {}\n",
        show(rules.min_idle),
        show(rules.grace),
        show(settings.sweep_interval),
        show(rules.long_hold)
    ));
    if let Some(metrics) = settings.metrics {
        let address = metrics.listen.0;
        text.push_str(&format!(
            "  tells metrics at http://{address}/metrics, of up to {} locks\n",
            metrics.locks
        ));
    }
    for warning in warnings {
        text.push_str(&format!("warning: {warning}\n"));
    }
    Ok((text, Exit::Done))
}
