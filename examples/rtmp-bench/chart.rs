//! Charts as SVG that needs nothing else: no script, no font, no network.

use std::fmt::Write;

use crate::outcome::Spread;

/// Latency in milliseconds over the share of messages that were faster, both as far as they are of interest.
pub(crate) fn latency(title: &str, spread: &Spread) -> String {
    let top = spread.max.max(1.0);
    let x = |percent: f64| LEFT + PLOT * nines(percent) / nines(100.0);
    let y = |millis: f64| BOTTOM - (BOTTOM - TOP) * millis / top;
    let mut body = String::new();
    for (percent, name) in [(0.0, "0 %"), (50.0, "50"), (90.0, "90"), (99.0, "99"), (99.9, "99.9"), (100.0, "max")] {
        line(&mut body, (x(percent), TOP), (x(percent), BOTTOM), GRID);
        text(&mut body, x(percent), BOTTOM + 16.0, "middle", name);
    }
    for step in 0..=4 {
        let millis = top * f64::from(step) / 4.0;
        line(&mut body, (LEFT, y(millis)), (LEFT + PLOT, y(millis)), GRID);
        text(&mut body, LEFT - 6.0, y(millis) + 4.0, "end", &format!("{millis:.1} ms"));
    }
    let points: Vec<String> =
        spread.curve.iter().map(|(percent, millis)| format!("{:.1},{:.1}", x(*percent), y(*millis))).collect();
    let _ = write!(body, r#"<polyline points="{}" fill="none" stroke="{INK}" stroke-width="2"/>"#, points.join(" "));
    document(title, BOTTOM + 30.0, &body)
}

/// One bar for each label in each group, the shortest the best.
pub(crate) fn bars(title: &str, groups: &[(String, Vec<(String, f64)>)]) -> String {
    let mut body = String::new();
    let mut top = TOP;
    for (name, bars) in groups {
        let longest = bars.iter().map(|(_, value)| *value).fold(f64::MIN_POSITIVE, f64::max);
        text(&mut body, 8.0, top + 12.0, "start", name);
        top += ROW;
        for (label, value) in bars {
            let width = (PLOT - 60.0) * value / longest;
            text(&mut body, LEFT + 50.0, top + 12.0, "end", label);
            let _ = write!(
                body,
                r#"<rect x="{:.1}" y="{top:.1}" width="{width:.1}" height="15" fill="{INK}"/>"#,
                LEFT + 56.0
            );
            text(&mut body, LEFT + 62.0 + width, top + 12.0, "start", &format!("{value:.2}"));
            top += ROW;
        }
        top += ROW / 2.0;
    }
    document(title, top, &body)
}

/// What stands in element content and attributes.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Spreads the rare, which matters, over half of the axis: 0 at 0 %, 1 at 90 %, 2 at 99 %, and all at 5.
fn nines(percent: f64) -> f64 {
    (-(1.0 - percent / 100.0).log10()).min(5.0)
}

fn document(title: &str, height: f64, body: &str) -> String {
    format!(
        concat!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">"#,
            r#"<rect width="100%" height="100%" fill="white"/>"#,
            r#"<text x="8" y="20" font-size="14" font-weight="bold">{title}</text>{body}</svg>"#
        ),
        width = LEFT + PLOT + 60.0,
        height = height,
        title = escape(title),
        body = body
    )
}

fn line(body: &mut String, from: (f64, f64), to: (f64, f64), color: &str) {
    let _ = write!(
        body,
        r#"<line x1="{:.1}" y1="{:.1}" x2="{:.1}" y2="{:.1}" stroke="{color}"/>"#,
        from.0, from.1, to.0, to.1
    );
}

fn text(body: &mut String, x: f64, y: f64, anchor: &str, content: &str) {
    let content = escape(content);
    let _ = write!(body, r#"<text x="{x:.1}" y="{y:.1}" text-anchor="{anchor}">{content}</text>"#);
}

const LEFT: f64 = 90.0;
const PLOT: f64 = 560.0;
const TOP: f64 = 36.0;
const BOTTOM: f64 = 300.0;
const ROW: f64 = 20.0;
const INK: &str = "#1f6feb";
const GRID: &str = "#ddd";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nines_spread_the_rare() {
        assert_eq!((nines(0.0), nines(90.0).round(), nines(99.0).round(), nines(100.0)), (0.0, 1.0, 2.0, 5.0));
    }

    #[test]
    fn labels_cannot_break_out_of_the_chart() {
        let svg = bars("<b>", &[("a & b".to_owned(), vec![("\"</text>".to_owned(), 1.0), ("zero".to_owned(), 0.0)])]);
        assert!(svg.starts_with("<svg") && svg.ends_with("</svg>"));
        assert!(svg.contains("&lt;b&gt;") && svg.contains("a &amp; b") && svg.contains("&quot;&lt;/text&gt;"));
        assert!(!svg.contains("NaN") && !svg.contains("inf"));
    }
}
