//! A result as bars, with the seats that it gives.

use urne::ElectionResult;
use urne::primitives::Text;
use urne::tally::Tie;

use crate::tool::width;

/// Votes, shares of the votes for lists, and seats by highest averages if there are any to give. Names are shown
/// escaped: they may be anybody's.
pub fn chart(lists: &[Text], result: &ElectionResult, seats: Option<u64>) {
    let lists: Vec<_> = lists.iter().map(Text::to_string).collect();
    let widest = lists.iter().map(|name| name.chars().count()).max().unwrap_or(0).max(12);
    let cast: u64 = result.votes().iter().sum();
    let most = result.votes().iter().copied().chain([result.blank()]).max().unwrap_or(0).max(1);
    // What is left beside the name, the votes, the share and the seats.
    let length = width().saturating_sub(widest + 31).clamp(3, 40);
    let row = |name: &str, votes: u64, tail: String| {
        let full = u128::from(votes) * length as u128 / u128::from(most);
        let bar: String = (0..full).map(|_| '█').collect();
        let padding = widest - name.chars().count();
        println!("  {name}{:padding$}  {bar:<length$} {votes:>7} {tail}", "");
    };
    let won = seats.map(|seats| result.seats(seats));
    for (list, (name, votes)) in lists.iter().zip(result.votes()).enumerate() {
        #[allow(clippy::cast_precision_loss)]
        let share = *votes as f64 * 100.0 / cast.max(1) as f64;
        let certain = won.as_ref().map_or(0, |won| won.certain()[list]);
        let tied = won.as_ref().and_then(|won| won.tie()).is_some_and(|tie| tie.lists.contains(&(list + 1)));
        row(
            name,
            *votes,
            format!("{share:>6.2} % {}{}", of_seats(certain), if tied { " + tie" } else { "" }),
        );
    }
    row("(blank)", result.blank(), String::new());
    if let Some(Tie { seats, lists }) = won.as_ref().and_then(|won| won.tie()) {
        let one = if *seats == 1 { "seat is" } else { "seats are" };
        println!(
            "\n  {seats} {one} tied between {} lists, marked above: the law's rule settles it.",
            lists.len()
        );
    }
    if let Some(vacant) = won.map(|won| won.vacant()).filter(|vacant| *vacant > 0) {
        let stay = if vacant == 1 { "seat stays" } else { "seats stay" };
        println!("\n  {vacant} {stay} vacant: no list has a vote.");
    }
}

fn of_seats(seats: u64) -> String {
    match seats {
        0 => String::new(),
        1 => "  1 seat".into(),
        seats => format!("{seats:>3} seats"),
    }
}
