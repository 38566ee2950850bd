use super::*;
use crate::certificates::{Pem, Secret};

const LIFETIMES: Lifetimes = Lifetimes { serving: Duration::from_secs(90 * 86_400) };

fn day(number: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs((20_000 + number) * 86_400)
}

fn names() -> Vec<String> {
    vec!["magtape-svc.magtape-system.svc".to_owned()]
}

fn sign(authority: &Authority, now: SystemTime) -> Identity {
    let signed = authority.sign(&names(), LIFETIMES, now).unwrap();
    let pem = |text: String| Pem { place: "here".to_owned(), text: Secret(text.into_bytes()) };
    Identity::read(&pem(signed.chain), &pem(signed.key)).unwrap()
}

/// What a leader does that sees this.
fn step(
    authority: Option<&Authority>,
    others: &[&Authority],
    serving: Option<&Identity>,
    in_force: Option<u64>,
    now: SystemTime,
) -> Step {
    let certificates = authority.into_iter().chain(others.iter().copied());
    let bundle = Bundle(certificates.map(|authority| authority.certificate.clone()).collect());
    // As the keeper does: what clients do not accept is not there.
    let serving = serving.filter(|serving| serving.verify(&bundle, &names(), now).is_ok());
    let in_force = in_force.map(Duration::from_secs);
    next(&State { authority, bundle: Some(&bundle), serving, in_force }, LIFETIMES, now)
}

#[test]
fn an_empty_namespace_gets_a_ca_and_then_a_certificate() {
    assert_eq!(step(None, &[], None, None, day(0)), Step::MakeAuthority);
    let authority = Authority::make(LIFETIMES, day(0)).unwrap();
    assert_eq!(step(Some(&authority), &[], None, None, day(0)), Step::Sign);
    let serving = sign(&authority, day(0));
    assert_eq!(step(Some(&authority), &[], Some(&serving), None, day(0)), Step::Rest);
}

#[test]
fn a_certificate_is_made_new_at_two_thirds_of_its_life_and_when_it_has_ended() {
    let authority = Authority::make(LIFETIMES, day(0)).unwrap();
    let serving = sign(&authority, day(0));
    for (now, expected) in
        [(day(59), Step::Rest), (day(60), Step::Sign), (day(89), Step::Sign), (day(91), Step::Sign)]
    {
        assert_eq!(step(Some(&authority), &[], Some(&serving), Some(0), now), expected, "{now:?}");
    }
}

#[test]
fn a_ca_is_made_new_at_two_thirds_of_its_life_and_signs_when_it_is_known() {
    let old = Authority::make(LIFETIMES, day(0)).unwrap();
    let serving = sign(&old, day(200));
    assert_eq!(step(Some(&old), &[], Some(&serving), Some(0), day(239)), Step::Rest);
    assert_eq!(step(Some(&old), &[], Some(&serving), Some(0), day(240)), Step::MakeAuthority);
    let new = Authority::make(LIFETIMES, day(240)).unwrap();
    let now = day(240) + Duration::from_secs(30);
    for (in_force, expected) in [(None, Step::Rest), (Some(59), Step::Rest), (Some(60), Step::Sign)] {
        assert_eq!(step(Some(&new), &[&old], Some(&serving), in_force, now), expected, "{in_force:?}");
    }
    // Nobody can tell who knows it; or the certificate of the old one has ended, and nobody could be served.
    assert_eq!(step(Some(&new), &[&old], Some(&serving), None, day(276)), Step::Sign);
    assert_eq!(step(Some(&new), &[&old], Some(&serving), None, day(291)), Step::Sign);
}

#[test]
fn an_old_ca_is_trusted_until_all_that_it_signed_has_ended() {
    let (old, new) =
        (Authority::make(LIFETIMES, day(0)).unwrap(), Authority::make(LIFETIMES, day(240)).unwrap());
    let last_of_old = sign(&old, day(240));
    let serving = sign(&new, day(300));
    assert!(!last_of_old.validity.is_over(day(329)));
    assert_eq!(step(Some(&new), &[&old], Some(&serving), Some(0), day(329)), Step::Rest);
    let forgotten = day(330) + Duration::from_secs(1);
    assert!(last_of_old.validity.is_over(forgotten));
    assert_eq!(step(Some(&new), &[&old], Some(&serving), Some(0), forgotten), Step::Forget);
    assert_eq!(step(Some(&new), &[], Some(&serving), Some(0), forgotten), Step::Rest);
}

#[test]
fn what_a_ca_signs_ends_with_it_at_the_latest() {
    let authority = Authority::make(LIFETIMES, day(0)).unwrap();
    let serving = sign(&authority, day(300));
    assert_eq!(serving.validity.until, authority.certificate.validity.until);
}

#[test]
fn a_bundle_does_not_grow_for_ever_and_keeps_nothing_that_has_ended() {
    let authorities: Vec<_> = (0..20).map(|_| Authority::make(LIFETIMES, day(100)).unwrap()).collect();
    let ended = Authority::make(LIFETIMES, day(0)).unwrap();
    let mut all: Vec<_> = authorities.iter().map(|authority| authority.certificate.clone()).collect();
    all.insert(0, ended.certificate.clone());
    all.insert(1, all[1].clone());
    let kept = kept(all.iter(), day(361));
    assert_eq!(kept.len(), MAX_KEPT);
    assert!(!kept.contains(&ended.certificate));
    assert_ne!(kept[0], kept[1], "each is kept once");
}
