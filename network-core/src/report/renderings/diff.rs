//! The lines of a declaration that an edit changes.

/// A line of a diff.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Line<'a> {
    Kept(&'a str),
    Removed(&'a str),
    Added(&'a str),
}

/// A longest common subsequence, after what both begin and end with; long texts count as
/// replaced there.
pub(super) fn compare<'a>(old: &[&'a str], new: &[&'a str]) -> Vec<Line<'a>> {
    let start = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let most = old.len().min(new.len()) - start;
    let pairs = old.iter().rev().zip(new.iter().rev());
    let end = pairs.take(most).take_while(|(a, b)| a == b).count();
    let (a, b) = (&old[start..old.len() - end], &new[start..new.len() - end]);
    let mut lines: Vec<Line<'_>> = old[..start].iter().map(|line| Line::Kept(line)).collect();
    if a.len() * b.len() > 250_000 {
        lines.extend(a.iter().map(|line| Line::Removed(line)));
        lines.extend(b.iter().map(|line| Line::Added(line)));
    } else {
        // common[i][j]: lines that a[i..] and b[j..] have in common.
        let mut common = vec![vec![0_usize; b.len() + 1]; a.len() + 1];
        for i in (0..a.len()).rev() {
            for j in (0..b.len()).rev() {
                common[i][j] = if a[i] == b[j] {
                    common[i + 1][j + 1] + 1
                } else {
                    common[i + 1][j].max(common[i][j + 1])
                };
            }
        }
        let (mut i, mut j) = (0, 0);
        while i < a.len() || j < b.len() {
            if i < a.len() && j < b.len() && a[i] == b[j] {
                lines.push(Line::Kept(a[i]));
                (i, j) = (i + 1, j + 1);
            } else if j == b.len() || (i < a.len() && common[i + 1][j] >= common[i][j + 1]) {
                lines.push(Line::Removed(a[i]));
                i += 1;
            } else {
                lines.push(Line::Added(b[j]));
                j += 1;
            }
        }
    }
    lines.extend(old[old.len() - end..].iter().map(|line| Line::Kept(line)));
    lines
}

/// A text without the indentation that all its lines have, and without empty lines around it.
pub(super) fn dedent(text: &str) -> String {
    let blank = |line: &&str| line.trim().is_empty();
    // The first line follows the opening brace, wherever that stands.
    let spaces = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let indented = text.lines().skip(1).filter(|line| !blank(line));
    let least = indented.map(spaces).min().unwrap_or(0);
    let lines = text.lines().map(|line| &line[least.min(spaces(line))..]);
    let lines: Vec<&str> = lines.skip_while(blank).collect();
    let end = lines
        .iter()
        .rposition(|line| !blank(line))
        .map_or(0, |last| last + 1);
    lines[..end].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn indentation_that_all_lines_have_is_left_out() {
        assert_eq!(dedent("\n    a\n      b\n\n  "), "a\n  b");
    }

    proptest! {
        #[test]
        fn a_comparison_holds_both_texts(
            old in proptest::collection::vec("[abc]", 0..12),
            new in proptest::collection::vec("[abc]", 0..12),
        ) {
            let old: Vec<&str> = old.iter().map(String::as_str).collect();
            let new: Vec<&str> = new.iter().map(String::as_str).collect();
            let lines = compare(&old, &new);
            let side = |skip: fn(&Line<'_>) -> bool| -> Vec<&str> {
                let kept = lines.iter().filter(|line| !skip(line));
                kept.map(|line| match line {
                    Line::Kept(text) | Line::Removed(text) | Line::Added(text) => *text,
                })
                .collect()
            };
            prop_assert_eq!(side(|line| matches!(line, Line::Added(_))), old);
            prop_assert_eq!(side(|line| matches!(line, Line::Removed(_))), new);
        }
    }
}
