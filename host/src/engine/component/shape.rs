//! How much a component may be made of, before anything of it is translated.
//!
//! Components can hold components and make instances of them, so a kilobyte can say ten billion instances, and what
//! translates it would put down every one. Whoever joined a policy from several languages needs a handful.

use wasmparser::{ComponentInstance, Parser, Payload};

/// Components inside, in all.
const MAX_COMPONENTS: u32 = 16;

/// Instances that are made of components, in all. However they are nested, some hundreds come of it.
const MAX_INSTANCES: u32 = 16;

/// Whether the component is small enough to be looked at.
///
/// # Errors
/// What there is too much of, or what cannot be read.
pub(super) fn check(component: &[u8]) -> Result<(), String> {
    let (mut components, mut instances) = (0, 0);
    for payload in Parser::new(0).parse_all(component) {
        match payload.map_err(|error| error.to_string())? {
            Payload::ComponentSection { .. } => {
                components += 1;
                within(components, MAX_COMPONENTS, "components")?;
            }
            Payload::ComponentInstanceSection(section) => {
                for instance in section {
                    let instance = instance.map_err(|error| error.to_string())?;
                    instances += u32::from(matches!(instance, ComponentInstance::Instantiate { .. }));
                    within(instances, MAX_INSTANCES, "instances of components")?;
                }
            }
            // The reader here counts how deep types are nested, and the engine's own, which is older, does not.
            Payload::ComponentTypeSection(types) => {
                for one in types {
                    one.map_err(|error| error.to_string())?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn within(count: u32, most: u32, what: &str) -> Result<(), String> {
    if count > most { Err(format!("has more than {most} {what} inside")) } else { Ok(()) }
}
