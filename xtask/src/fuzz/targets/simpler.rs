//! Smaller texts and lists, for making a finding small.

/// The text without some of its lines, then without some of its characters; the largest cuts first.
pub(crate) fn texts(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let mut found: Vec<String> = lists(&lines).into_iter().map(|lines| lines.concat()).collect();
    let chars: Vec<char> = text.chars().collect();
    if chars.len() <= 400 {
        found.extend(lists(&chars).into_iter().map(String::from_iter));
    }
    found
}

/// The list without a half, a quarter … one of its items.
pub(crate) fn lists<T: Clone>(items: &[T]) -> Vec<Vec<T>> {
    let mut found = Vec::new();
    let mut cut = items.len();
    while cut > 0 {
        for start in (0..items.len()).step_by(cut) {
            let rest = &items[(start + cut).min(items.len())..];
            found.push([&items[..start], rest].concat());
        }
        cut /= 2;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{lists, texts};

    #[test]
    fn every_single_item_and_everything_at_once_is_left_out_once() {
        let found = lists(&[1, 2, 3]);
        assert_eq!(found, [vec![], vec![2, 3], vec![1, 3], vec![1, 2]]);
        assert!(texts("a\nb\n").contains(&"b\n".to_owned()));
        assert!(texts("ab").contains(&"a".to_owned()));
        assert_eq!(texts(""), Vec::<String>::new());
    }
}
