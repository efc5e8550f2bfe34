//! How numbers are written, wherever a person reads them.

/// A whole number with its thousands set apart, such as `1,797`.
pub(crate) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A measured number in few characters: four digits, as a power of ten where it is
/// very large or small.
pub(crate) fn short(number: f64) -> String {
    let size = number.abs();
    if !number.is_finite() {
        number.to_string()
    } else if number == 0.0 {
        "0.0000".to_owned()
    } else if (1e-3..1e5).contains(&size) {
        let places = 3 - size.log10().floor() as i32;
        format!("{number:.*}", places.clamp(0, 6) as usize)
    } else {
        format!("{number:.2e}")
    }
}

/// A fraction as a percentage, such as `97.8 %`.
pub(crate) fn percent(fraction: f64) -> String {
    format!("{:.1} %", 100.0 * fraction)
}

/// A step or another count of `u64`, such as `12,000`.
pub(crate) fn count(number: u64) -> String {
    grouped(usize::try_from(number).unwrap_or(usize::MAX))
}

/// Three digits, for charts and tables: `0.0123`, `1.23e-5`, `-4`; `NaN`, `inf`, `-inf`.
pub(crate) fn digits(number: f64) -> String {
    let size = number.abs();
    if !number.is_finite() {
        return number.to_string();
    }
    if number == 0.0 {
        return "0".to_owned();
    }
    let text = if (1e-3..1e4).contains(&size) {
        let places = 2 - size.log10().floor() as i32;
        format!("{number:.*}", places.clamp(0, 6) as usize)
    } else {
        format!("{number:.2e}")
    };
    let (number, power) = match text.split_once('e') {
        Some((number, power)) => (number, format!("e{power}")),
        None => (text.as_str(), String::new()),
    };
    let number = if number.contains('.') {
        number.trim_end_matches('0').trim_end_matches('.')
    } else {
        number
    };
    format!("{number}{power}")
}

/// Decades, with their sign: `+1.2`, `-5.1`, `0.0`.
pub(crate) fn decades(number: f64) -> String {
    if !number.is_finite() {
        return number.to_string();
    }
    let text = format!("{number:+.1}");
    match text.as_str() {
        "+0.0" | "-0.0" => "0.0".to_owned(),
        _ => text.replace('-', "\u{2212}"),
    }
}

/// A power of ten, such as `10⁻³`.
pub(crate) fn power_of_ten(exponent: i32) -> String {
    const RAISED: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let digits = exponent.unsigned_abs().to_string();
    let raised = digits
        .bytes()
        .map(|digit| RAISED[usize::from(digit - b'0')]);
    let sign = if exponent < 0 { "⁻" } else { "" };
    match exponent {
        0 => "1".to_owned(),
        1 => "10".to_owned(),
        _ => format!("10{sign}{}", raised.collect::<String>()),
    }
}

/// A name of at most so many characters: its end tells more than its beginning.
pub(crate) fn shortened(name: &str, most: usize) -> String {
    let length = name.chars().count();
    if length <= most {
        return name.to_owned();
    }
    let kept = name.chars().skip(length + 1 - most);
    core::iter::once('…').chain(kept).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        assert_eq!(
            [0, 999, 1000, 1_234_567].map(grouped),
            ["0", "999", "1,000", "1,234,567"]
        );
        let numbers = [
            0.0,
            0.012_345,
            -1.5,
            99.999,
            12_345.6,
            1e5,
            1e-4,
            f64::NAN,
            f64::INFINITY,
        ];
        let expected = [
            "0.0000", "0.01235", "-1.500", "100.00", "12346", "1.00e5", "1.00e-4", "NaN", "inf",
        ];
        assert_eq!(numbers.map(short), expected);
        assert_eq!(percent(0.978_4), "97.8 %");
    }

    #[test]
    fn charts_have_three_digits() {
        let numbers = [
            0.0,
            -4.0,
            0.012_345,
            1234.5,
            12_345.0,
            1.5e-5,
            9.999,
            f64::NAN,
            f64::NEG_INFINITY,
            1e300,
        ];
        let expected = [
            "0", "-4", "0.0123", "1234", "1.23e4", "1.5e-5", "10", "NaN", "-inf", "1e300",
        ];
        assert_eq!(numbers.map(digits), expected);
        assert_eq!(
            [-5.06, 0.04, 1.25, f64::NAN].map(decades),
            ["−5.1", "0.0", "+1.2", "NaN"]
        );
        assert_eq!(
            [-12, 0, 1, 3].map(power_of_ten),
            ["10⁻¹²", "1", "10", "10³"]
        );
    }
}
