//! A plot with logarithmic axes, as SVG.

use std::fmt::Write;

pub struct Series {
    pub name: String,
    pub points: Vec<(f64, f64)>,
}

impl Series {
    pub fn new(name: &str, points: impl Iterator<Item = (f64, f64)>) -> Self {
        Series { name: name.into(), points: points.collect() }
    }
}

pub struct Plot<'a> {
    pub title: &'a str,
    pub x: &'a str,
    pub y: &'a str,
    pub series: &'a [Series],
}

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 440.0;
/// Left, top, right, bottom of the axes.
const AXES: [f64; 4] = [80.0, 50.0, 580.0, 380.0];
const COLOURS: [&str; 4] = ["#c0392b", "#1f6fb2", "#2e8b57", "#666666"];

impl Plot<'_> {
    pub fn to_svg(&self) -> String {
        let [left, top, right, bottom] = AXES;
        let points = || self.series.iter().flat_map(|series| &series.points);
        let (x_low, x_high) = decades(points().map(|(x, _)| *x));
        let (y_low, y_high) = decades(points().map(|(_, y)| *y));
        let x_at = |x: f64| left + (right - left) * (x.log10() - x_low) / (x_high - x_low);
        let y_at = |y: f64| bottom - (bottom - top) * (y.log10() - y_low) / (y_high - y_low);

        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
             font-family=\"sans-serif\" font-size=\"13\">\n\
             <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#ffffff\"/>\n"
        );
        let mut text = |x: f64, y: f64, anchor: &str, text: &str| {
            writeln!(svg, "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{text}</text>").unwrap();
        };
        text((left + right) / 2.0, top - 22.0, "middle", self.title);
        text((left + right) / 2.0, bottom + 42.0, "middle", self.x);
        text(left - 64.0, top - 22.0, "start", self.y);
        for exponent in steps(x_low, x_high) {
            text(x_at(10f64.powf(exponent)), bottom + 20.0, "middle", &number(exponent));
        }
        for exponent in steps(y_low, y_high) {
            text(left - 8.0, y_at(10f64.powf(exponent)) + 4.0, "end", &number(exponent));
        }
        for exponent in steps(x_low, x_high) {
            let x = x_at(10f64.powf(exponent));
            writeln!(svg, "<path d=\"M{x:.1} {top}V{bottom}\" stroke=\"#dddddd\"/>").unwrap();
        }
        for exponent in steps(y_low, y_high) {
            let y = y_at(10f64.powf(exponent));
            writeln!(svg, "<path d=\"M{left} {y:.1}H{right}\" stroke=\"#dddddd\"/>").unwrap();
        }
        for ((number, series), colour) in self.series.iter().enumerate().zip(COLOURS.iter().cycle()) {
            let path: Vec<_> =
                series.points.iter().map(|(x, y)| format!("{:.1} {:.1}", x_at(*x), y_at(*y))).collect();
            writeln!(
                svg,
                "<path d=\"M{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>",
                path.join("L")
            )
            .unwrap();
            for (x, y) in &series.points {
                writeln!(
                    svg,
                    "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"3\" fill=\"{colour}\"/>",
                    x_at(*x),
                    y_at(*y)
                )
                .unwrap();
            }
            let y = top + 16.0 + 22.0 * number as f64;
            writeln!(
                svg,
                "<path d=\"M{} {:.1}h22\" stroke=\"{colour}\" stroke-width=\"2\"/>",
                right + 14.0,
                y - 4.0
            )
            .unwrap();
            writeln!(svg, "<text x=\"{}\" y=\"{y:.1}\">{}</text>", right + 42.0, series.name).unwrap();
        }
        svg.push_str("</svg>\n");
        svg
    }
}

/// The powers of ten around all values.
fn decades(values: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    let low = values.clone().fold(f64::INFINITY, f64::min).log10().floor();
    let high = values.fold(0.0, f64::max).log10().ceil();
    (low, high.max(low + 1.0))
}

fn steps(low: f64, high: f64) -> impl Iterator<Item = f64> {
    std::iter::successors(Some(low), |exponent| Some(exponent + 1.0))
        .take_while(move |exponent| *exponent <= high)
}

fn number(exponent: f64) -> String {
    let digits = format!("{:.0}", 10f64.powf(exponent));
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}
