//! What every target does: hand the bytes to the probe of its name.

/// Fails where what must hold of these bytes does not.
pub fn probe(name: &str, bytes: &[u8]) {
    let (_, holds) = sockbook::driver::probes::ALL.iter().find(|(known, _)| *known == name).expect("a probe");
    assert!(holds(bytes), "{name} does not hold");
}
