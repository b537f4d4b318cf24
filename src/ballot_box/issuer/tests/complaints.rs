//! The time for complaints, as the issuer counts it.

use super::*;
use crate::ballot_box::{ComplaintsError, GivenClosing};
use crate::bureau::TrusteeIndex;

#[test]
fn complaints_are_taken_for_the_whole_time_and_by_every_trustee() {
    let mut office = Office::new();
    let opening = office.propose();
    let opening = office.sign(&opening).unwrap();
    let open = || BallotBox::open(office.roll.clone(), opening, office.box_key()).unwrap().stored();
    let (closed, other_box) = (closed(open()), closed_at(open(), 2_301));
    assert_ne!(closed.digest(), other_box.digest());
    let at = closed.closing().at;
    let after = |seconds| UnixTime::from_seconds(at.seconds() + seconds);
    let [one, two] = [1, 2].map(|number| TrusteeIndex::new(number).unwrap());
    let said = |trustee, closing| GivenClosing { trustee, closing };
    let same = [said(one, closed.digest()), said(two, closed.digest())];
    let sign = |issuer: &mut Issuer, of: &ClosedBox, given: &[GivenClosing], now| {
        issuer.sign_closing(of, &Complaints { seconds: 100, given }, now).map(Unsent::stored)
    };
    let refused = |error| Err(IssuerError::Complaints(error));
    let issuer = &mut office.issuer;

    // However late it is: the time begins when the issuer is given the closing.
    let not_given = ComplaintsError::NotGiven { closing: closed.digest() };
    assert_eq!(sign(issuer, &closed, &same, after(10_000)), refused(not_given));
    let early = UnixTime::from_seconds(at.seconds() - 1);
    let given_early = ComplaintsError::GivenEarly { given_at: early, closed_at: at };
    assert_eq!(
        issuer.given(&closed, early).map(Unsent::stored).err(),
        Some(IssuerError::Complaints(given_early))
    );
    let contest = closed.contest().contest();
    assert_eq!(issuer.given_at(contest), None);
    issuer.given(&closed, after(5)).unwrap().stored();
    // Again, later: it runs from the first, and survives a restart.
    let stored = issuer.to_bytes();
    issuer.given(&closed, after(50)).unwrap().stored();
    assert_eq!(issuer.to_bytes(), stored);
    *issuer = Issuer::from_bytes(&stored).unwrap();
    assert_eq!(issuer.given_at(contest), Some(after(5)));
    let until = after(105);
    assert_eq!(sign(issuer, &closed, &same, after(104)), refused(ComplaintsError::StillTaken { until }));
    let closing = other_box.digest();
    let other = ComplaintsError::OtherGiven { trustee: two, closing };
    assert_eq!(sign(issuer, &closed, &[same[0], said(two, closing)], after(1_000)), refused(other));
    let another = ComplaintsError::Another { given: closed.digest(), actual: closing };
    assert_eq!(sign(issuer, &other_box, &[], after(1_000)), refused(another));
    assert_eq!(issuer.to_bytes(), stored);

    // The box makes another, and then the first again: each time complaints are taken for the whole time.
    issuer.given(&other_box, after(110)).unwrap().stored();
    assert_eq!(issuer.given_at(contest), Some(after(110)));
    let another = ComplaintsError::Another { given: closing, actual: closed.digest() };
    assert_eq!(sign(issuer, &closed, &same, after(1_000)), refused(another));
    issuer.given(&closed, after(200)).unwrap().stored();
    let until = after(300);
    assert_eq!(sign(issuer, &closed, &same, after(299)), refused(ComplaintsError::StillTaken { until }));
    assert!(sign(issuer, &closed, &same, after(300)).is_ok());
    let signed = IssuerError::OtherClosing { signed: closed.digest(), actual: closing };
    assert_eq!(issuer.given(&other_box, after(400)).map(Unsent::stored), Err(signed));
}
