//! TLS: whom we trust, and what is wrong with a certificate, in words.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{CertificateError, ClientConfig, Error, RootCertStore};

use crate::delivery::Cause;

/// How TLS is done: which roots are trusted, which protocols and ciphers are spoken. Cheap to clone.
#[derive(Clone)]
pub struct TlsConfig(pub(super) Arc<ClientConfig>);

/// TLS cannot be set up on this machine.
#[derive(Debug, thiserror::Error)]
pub enum TlsConfigError {
    /// There is nobody to trust.
    #[error("no trusted root certificates were found on this machine{0}; install `ca-certificates`")]
    NoRoots(String),
    /// The extra certificates cannot be used.
    #[error("{}: no usable certificate: {why}", file.display())]
    ExtraRoots {
        /// The file that was named.
        file: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The cryptography refuses.
    #[error("TLS cannot be set up: {0}")]
    Provider(#[from] Error),
}

impl TlsConfig {
    /// Trusts the roots this machine trusts (`SSL_CERT_FILE` and `SSL_CERT_DIR` say otherwise, as for OpenSSL),
    /// and those in the PEM file `extra_roots`.
    pub fn system(extra_roots: Option<&Path>) -> Result<Self, TlsConfigError> {
        let mut roots = RootCertStore::empty();
        let found = rustls_native_certs::load_native_certs();
        // A root that cannot be read is one that is not trusted: the rest still are.
        roots.add_parsable_certificates(found.certs);
        if let Some(file) = extra_roots {
            add_file(&mut roots, file)?;
        }
        if roots.is_empty() {
            let why = found.errors.first().map(|error| format!(" ({error})")).unwrap_or_default();
            return Err(TlsConfigError::NoRoots(why));
        }
        Self::trusting(roots)
    }

    /// Trusts these roots only.
    pub fn trusting(roots: RootCertStore) -> Result<Self, TlsConfigError> {
        // The provider is named: a process-wide default would depend on what other crates switch on.
        let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self(Arc::new(config)))
    }
}

fn add_file(roots: &mut RootCertStore, file: &Path) -> Result<(), TlsConfigError> {
    let wrong = |why: String| TlsConfigError::ExtraRoots { file: file.to_owned(), why };
    let certificates = CertificateDer::pem_file_iter(file).map_err(|error| wrong(error.to_string()))?;
    let before = roots.len();
    for certificate in certificates {
        let certificate = certificate.map_err(|error| wrong(error.to_string()))?;
        roots.add(certificate).map_err(|error| wrong(error.to_string()))?;
    }
    if roots.len() == before { Err(wrong("there is none in it".to_owned())) } else { Ok(()) }
}

impl fmt::Debug for TlsConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TlsConfig")
    }
}

/// The name that the certificate must be for.
pub(super) fn server_name(host: &str) -> Result<ServerName<'static>, Cause> {
    let bare = host.trim_end_matches('.');
    let bare = bare.strip_prefix('[').and_then(|ip| ip.strip_suffix(']')).unwrap_or(bare);
    ServerName::try_from(bare.to_owned())
        .map_err(|_| Cause::Tls(format!("`{host}` is no name that a certificate can be for")))
}

/// What is wrong with the handshake or the certificate, for the operator.
pub(super) fn explain(error: &Error) -> String {
    match error {
        Error::InvalidCertificate(wrong) => certificate(wrong),
        Error::InvalidMessage(_) => {
            "the relay does not speak TLS here (TLS from the first byte is usual on port 465, STARTTLS on 587)".to_owned()
        }
        other => format!("the TLS handshake failed: {other}"),
    }
}

fn certificate(wrong: &CertificateError) -> String {
    match wrong {
        CertificateError::ExpiredContext { not_after, .. } => {
            format!("the relay's certificate expired on {}", day(*not_after))
        }
        CertificateError::Expired => "the relay's certificate has expired".to_owned(),
        CertificateError::NotValidYetContext { not_before, .. } => {
            format!(
                "the relay's certificate is valid from {} only; is this machine's clock right?",
                day(*not_before)
            )
        }
        CertificateError::NotValidForNameContext { expected, presented } => {
            let names: Vec<_> = presented.iter().map(|name| bare_name(name)).collect();
            let names = if names.is_empty() { "no name at all".to_owned() } else { names.join(", ") };
            format!("the relay's certificate is for {names}, not for {}", expected.to_str())
        }
        CertificateError::NotValidForName => "the relay's certificate is for another name".to_owned(),
        CertificateError::UnknownIssuer => {
            "the relay's certificate is issued by nobody this machine trusts".to_owned()
        }
        CertificateError::BadSignature => {
            "the relay's certificate is not signed by the issuer it names".to_owned()
        }
        CertificateError::Revoked => "the relay's certificate has been revoked".to_owned(),
        other => format!("the relay's certificate is not valid: {other}"),
    }
}

/// rustls gives names as `DnsName("smtp.example.com")` and `IpAddress(10.0.0.1)`.
fn bare_name(presented: &str) -> &str {
    let inner = presented.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')')).unwrap_or(presented);
    inner.trim_matches('"')
}

fn day(time: UnixTime) -> String {
    i64::try_from(time.as_secs())
        .ok()
        .and_then(|seconds| Timestamp::from_second(seconds).ok())
        .map_or_else(|| "an unknown day".to_owned(), |at| at.strftime("%Y-%m-%d").to_string())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn an_extra_root_file_without_a_certificate_is_named() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        writeln!(file, "not a certificate").unwrap();
        let error = TlsConfig::system(Some(file.path())).unwrap_err().to_string();
        assert!(
            error.contains(&file.path().display().to_string()) && error.contains("none in it"),
            "{error}"
        );
        let error = TlsConfig::system(Some(Path::new("missing.pem"))).unwrap_err().to_string();
        assert!(error.starts_with("missing.pem: no usable certificate"), "{error}");
    }

    #[test]
    fn a_host_is_named_as_certificates_name_it() {
        assert_eq!(server_name("smtp.example.com.").unwrap().to_str(), "smtp.example.com");
        assert_eq!(server_name("[::1]").unwrap().to_str(), "::1");
        assert!(server_name("under score").is_err());
    }
}
