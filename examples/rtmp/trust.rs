//! Which server certificates to accept: `--ca`, `--pin`, `--insecure`.

use crate::failure::Failure;
use crate::general::{Fingerprint, General};
use rtmp_session::tokio::tls::TlsClient;
use rtmp_session::tokio::tls::rustls::client::danger::{
    HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier,
};
use rtmp_session::tokio::tls::rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rtmp_session::tokio::tls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rtmp_session::tokio::tls::rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// The check that the options ask for; without any, the authorities of the operating system.
pub(crate) fn tls_client(general: &General) -> Result<TlsClient, Failure> {
    if general.insecure || general.pin.is_some() {
        return without_authorities(general.pin);
    }
    match &general.ca {
        Some(file) => {
            let pem = std::fs::read(file).map_err(|error| Failure::file(file.display(), error))?;
            TlsClient::with_roots_pem(&pem).map_err(|error| Failure::file(file.display(), error))
        }
        None => TlsClient::new().map_err(Failure::arguments),
    }
}

fn without_authorities(pin: Option<Fingerprint>) -> Result<TlsClient, Failure> {
    let provider = Arc::new(ring::default_provider());
    let verifier = Arc::new(AnyAuthority { pin, provider: Arc::clone(&provider) });
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(Failure::arguments)?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    Ok(TlsClient::from_config(Arc::new(config)))
}

/// Accepts the pinned certificate, or without a pin every one. Proof that the server holds its key is still asked for.
#[derive(Debug)]
struct AnyAuthority {
    pin: Option<Fingerprint>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for AnyAuthority {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let seen: [u8; 32] = Sha256::digest(certificate).into();
        match self.pin {
            Some(pin) if pin.0 != seen => {
                Err(Error::General(format!("the server's certificate has the fingerprint {}", hex::encode(seen))))
            }
            _ => Ok(ServerCertVerified::assertion()),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
