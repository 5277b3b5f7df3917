//! What a plain scalar is to readers of either YAML version, written down from the two specifications and not from our own code.

/// The type of a plain scalar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    Null,
    Bool,
    Int,
    Float,
    Text,
}

/// By the core schema of YAML 1.2.
pub(super) fn in_yaml_1_2(text: &str) -> Type {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Type::Null,
        "true" | "True" | "TRUE" | "false" | "False" | "FALSE" => Type::Bool,
        ".nan" | ".NaN" | ".NAN" => Type::Float,
        _ => number_in_yaml_1_2(text),
    }
}

fn number_in_yaml_1_2(text: &str) -> Type {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let radix = |prefix: &str, is_digit: fn(&u8) -> bool| {
        text.strip_prefix(prefix).is_some_and(|digits| all(digits, is_digit))
    };
    if all(unsigned, u8::is_ascii_digit)
        || radix("0o", |c| matches!(c, b'0'..=b'7'))
        || radix("0x", u8::is_ascii_hexdigit)
    {
        return Type::Int;
    }
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") {
        return Type::Float;
    }
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let has_digits = all(&[whole, fraction].concat(), u8::is_ascii_digit);
    // `5.` is a number, `.` and `.e3` are none.
    let is_mantissa = has_digits && (!whole.is_empty() || !fraction.is_empty());
    let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
    if is_mantissa && all(exponent, u8::is_ascii_digit) { Type::Float } else { Type::Text }
}

/// Whether a reader of YAML 1.1 takes the plain scalar for anything but this text.
pub(super) fn is_typed_in_yaml_1_1(text: &str) -> bool {
    const WORDS: [&str; 11] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "~", ".nan"];
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    matches!(text, "" | "=" | "<<")
        || WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
        || unsigned.eq_ignore_ascii_case(".inf")
        || is_int_in_yaml_1_1(unsigned)
        || is_float_in_yaml_1_1(unsigned)
        || is_date(text)
}

fn is_int_in_yaml_1_1(unsigned: &str) -> bool {
    let is_octal_or_decimal = |digits: &str| {
        digits.starts_with(|c: char| c.is_ascii_digit()) && all(digits, |c| c.is_ascii_digit() || *c == b'_')
    };
    if let Some(digits) = unsigned.strip_prefix("0b") {
        return all(digits, |c| matches!(c, b'0' | b'1' | b'_'));
    }
    if let Some(digits) = unsigned.strip_prefix("0x") {
        return all(digits, |c| c.is_ascii_hexdigit() || *c == b'_');
    }
    let mut parts = unsigned.split(':');
    parts.next().is_some_and(is_octal_or_decimal) && parts.all(is_sixtieth)
}

fn is_float_in_yaml_1_1(unsigned: &str) -> bool {
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
    let Some((whole, fraction)) = mantissa.split_once('.') else { return false };
    let mut parts = whole.split(':');
    let is_digits = |part: &str| part.bytes().all(|c| c.is_ascii_digit() || c == b'_');
    unsigned.contains(|c: char| c.is_ascii_digit())
        && parts.next().is_some_and(is_digits)
        && parts.all(is_sixtieth)
        && is_digits(fraction)
        && all(exponent, u8::is_ascii_digit)
}

fn is_sixtieth(part: &str) -> bool {
    part.len() <= 2 && all(part, u8::is_ascii_digit)
}

/// A date, also with a time behind it.
fn is_date(text: &str) -> bool {
    let mut parts = text.splitn(3, '-');
    let year = parts.next().is_some_and(|year| year.len() == 4 && all(year, u8::is_ascii_digit));
    let month = parts.next().is_some_and(is_sixtieth);
    let day = parts.next().unwrap_or_default();
    let end = day.find(|c: char| !c.is_ascii_digit()).unwrap_or(day.len());
    year && month && is_sixtieth(&day[..end]) && (day.len() == end || is_time(&day[end..]))
}

/// `T4:11:09`, maybe with a fraction and a zone.
fn is_time(text: &str) -> bool {
    let time = text.trim_start_matches([' ', '\t', 'T', 't']);
    let mut parts = time.splitn(3, ':');
    let are_minutes = parts.next().is_some_and(is_sixtieth) && parts.next().is_some_and(is_sixtieth);
    let rest = parts.next().unwrap_or_default();
    time.len() < text.len()
        && are_minutes
        && rest.as_bytes().iter().take(2).all(u8::is_ascii_digit)
        && rest.len() >= 2
        && rest.chars().all(|c| c.is_ascii_digit() || " .:+-Z".contains(c))
}

fn all(text: &str, is_good: impl Fn(&u8) -> bool) -> bool {
    !text.is_empty() && text.as_bytes().iter().all(is_good)
}

#[cfg(test)]
mod tests {
    use super::{Type, in_yaml_1_2, is_typed_in_yaml_1_1};

    #[test]
    fn plain_scalars_have_the_type_that_the_specifications_give_them() {
        for text in ["~", "", "NULL", "Null"] {
            assert_eq!(in_yaml_1_2(text), Type::Null, "{text}");
        }
        for text in ["0", "-0", "+12", "0123", "0o17", "0xaF"] {
            assert_eq!(in_yaml_1_2(text), Type::Int, "{text}");
        }
        for text in ["1.", ".5", "-1e3", "1.5E+3", ".inf", "-.INF", ".nan"] {
            assert_eq!(in_yaml_1_2(text), Type::Float, "{text}");
        }
        for text in
            ["yes", "tRUE", "1_000", "12:30", "0b1", "0o8", ".", "e3", "-", "1e", "nan", "2026-02-07", "="]
        {
            assert_eq!(in_yaml_1_2(text), Type::Text, "{text}");
        }
    }

    #[test]
    fn what_yaml_1_1_takes_for_something_else() {
        for text in [
            "yes",
            "No",
            "on",
            "y",
            "1_000",
            "017",
            "0o".get(..1).unwrap_or_default(),
            "12:30",
            "1:30.5",
            "0b1",
            "0x_f",
            "5.",
            ".5",
            "1.5e+3",
            "2026-02-07",
            "2026-11-23T04:11:09Z",
            "2026-11-23 4:11:09",
            "=",
            "<<",
            "~",
            "",
            "-3",
            "-.inf",
        ] {
            assert!(is_typed_in_yaml_1_1(text), "{text}");
        }
        for text in [
            "word",
            "a1",
            "1a",
            "2026-02",
            "2026-02-07x",
            "12:300",
            "1 2",
            "v1.2",
            "1.2.3",
            "-x",
            "yes!",
            "http://x",
        ] {
            assert!(!is_typed_in_yaml_1_1(text), "{text}");
        }
    }
}
