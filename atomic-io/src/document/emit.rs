//! How new values are written: the only place.

use super::error::DocumentError;
use super::path::DocPath;
use serde::Serialize;
use serde_yaml::Value;

/// What a value means, independent of how it is written.
pub(super) fn to_value(path: &DocPath, value: &(impl Serialize + ?Sized)) -> Result<Value, DocumentError> {
    serde_yaml::to_value(value)
        .map_err(|e| DocumentError::Emit { path: path.to_string(), reason: e.to_string() })
}

/// A single value on one line.
pub(super) fn scalar(value: &Value) -> Result<String, String> {
    let text = match value {
        Value::String(text) if text.contains('\n') => {
            serde_saphyr::to_string(&serde_saphyr::DoubleQuoted(text))
        }
        other => serde_saphyr::to_string(other),
    };
    text.map(|t| t.trim_end_matches('\n').to_owned()).map_err(|e| e.to_string())
}
