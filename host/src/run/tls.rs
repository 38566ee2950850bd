//! Which certificate is shown, and how it is kept new.

use std::sync::Arc;

use tempfile::TempPath;

use crate::{
    certificates::{self, Bundle, Files, Identity, Kept, Lifetimes, Pem, Settings, Template, Tls},
    cluster::Place,
    conditions::Conditions,
    config::{Certificate, Config},
    server::Service,
};

/// What is shown at start.
#[derive(Default)]
pub(super) struct Shown {
    /// What was in the files of the certificate.
    files: Option<(Files<2>, [Pem; 2])>,
    /// What was in the file of the CAs of clients.
    clients: Option<(Files<1>, [Pem; 1])>,
    /// The file that has the CA of a certificate made now, gone when it is dropped.
    _ca: Option<TempPath>,
}

/// The server's side of TLS. Files that are wrong at start are an error, later they are not.
pub(super) fn shown(config: &Config) -> anyhow::Result<(Arc<Tls>, Shown)> {
    let mut shown = Shown::default();
    let identity = match &config.certificate {
        Certificate::Files { chain, key } => {
            let files = Files([chain.clone(), key.clone()]);
            let pems = files.read()?;
            let [chain, key] = &pems;
            let identity = Identity::read(chain, key)?;
            shown.files = Some((files, pems));
            identity
        }
        Certificate::SelfSigned => {
            let (identity, ca) = certificates::self_signed()?;
            tracing::info!("the certificate is self-signed; its CA is in {}", ca.display());
            shown._ca = Some(ca);
            identity
        }
        // Until there is one that the API server accepts, probes are answered with one that nobody knows.
        Certificate::Cluster { .. } => certificates::self_signed()?.0,
    };
    let mut clients = None;
    if let Some(path) = &config.client_ca {
        let files = Files([path.clone()]);
        let pems = files.read()?;
        let [ca] = &pems;
        clients = Some(Bundle::read(ca)?);
        shown.clients = Some((files, pems));
    }
    Ok((Arc::new(Tls::new(&identity, clients.as_ref())?), shown))
}

/// Keeps new what is shown, until the answer is dropped.
pub(super) fn follow(
    config: &Config,
    shown: Shown,
    tls: &Arc<Tls>,
    place: Option<&Place>,
    service: &Arc<Service>,
    conditions: &Conditions,
) -> anyhow::Result<(Vec<Kept>, Option<TempPath>)> {
    let Shown { files, clients, _ca: ca } = shown;
    let mut kept = Vec::new();
    kept.extend(files.map(|(files, pems)| certificates::follow(files, pems, Arc::clone(tls), conditions)));
    kept.extend(clients.map(|(files, pems)| certificates::trust(files, pems, Arc::clone(tls), conditions)));
    match (&config.certificate, place) {
        (Certificate::Cluster { secret, lifetime, template }, Some(place)) => {
            let settings = Settings {
                namespace: place.namespace.clone(),
                identity: place.identity.clone(),
                secret: secret.clone(),
                lifetimes: Lifetimes { serving: *lifetime },
                template: template.as_deref().map(Template::read).transpose()?,
            };
            let (service, leads) = (Arc::clone(service), place.leads.clone());
            let ready = move || service.certify();
            kept.push(certificates::keep(
                place.client.clone(),
                settings,
                leads,
                Arc::clone(tls),
                conditions,
                ready,
            ));
        }
        _ => service.certify(),
    }
    Ok((kept, ca))
}
