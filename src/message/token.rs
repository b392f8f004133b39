//! What an unsubscribe link carries: who leaves which list, sealed.
//!
//! A token is authenticated encryption (AES-256-GCM-SIV, RFC 8452) of list, address and run, in base64url. Who
//! holds the secret opens it without any ledger; who does not can neither read the address in it nor make one.
//! It is deterministic, so that a retried message is the same message: the nonce is fixed, for which the SIV
//! mode is made (RFC 8452 section 9: equal input gives equal output, and no more than that is learnt).
//!
//! ```text
//! token      = version (1) | key id (4) | ciphertext | tag (16)
//! plaintext  = length of list (1) | list | length of run (1) | run | address
//! ```
//!
//! Tokens of previews, tests and rehearsals are inert: they bear the key id 0, which no secret has, and are
//! sealed with a key that is thrown away. Opening one says so, and nobody is unsubscribed.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::{hkdf, rand};
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};

const VERSION: u8 = 1;
const KEY_ID_LEN: usize = 4;
const HEAD_LEN: usize = 1 + KEY_ID_LEN;
const TAG_LEN: usize = 16;
const INERT: [u8; KEY_ID_LEN] = [0; KEY_ID_LEN];
const SALT: &[u8] = b"mailshot unsubscribe token, version 1";
/// Less than this many bytes of secret can be guessed.
const MIN_SECRET_LEN: usize = 16;
/// No token is longer in base64url: list and run of 255 bytes each, an address of 254.
const MAX_TOKEN_LEN: usize = 1_100;

/// The keys that seal and open tokens.
pub struct Tokens {
    sealing: Key,
    /// Keys of former secrets, which open what they sealed.
    former: Vec<Key>,
}

struct Key {
    id: [u8; KEY_ID_LEN],
    key: LessSafeKey,
}

/// What a genuine token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// `[list] id`
    pub list: String,
    /// Who holds the token.
    pub email: String,
    /// The run whose message bore it.
    pub run: String,
}

/// A token that cannot be made or honoured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// The secret is too short to keep anything.
    #[error("the secret of the unsubscribe links must be at least 16 bytes long")]
    WeakSecret,
    /// Of a preview, a test or a rehearsal.
    #[error("this link came from a preview or a test: it changes nothing")]
    Inert,
    /// Sealed with a secret that is not at hand.
    #[error("this link was made with another secret")]
    UnknownKey,
    /// Damaged, cut off or made up.
    #[error("this link is damaged")]
    Invalid,
    /// List, run or address are longer than a token holds.
    #[error("the list's id, the run or the address is too long for an unsubscribe link")]
    TooLong,
    /// The system gave no randomness, or the cipher refused.
    #[error("the cipher of the unsubscribe links failed")]
    Cipher,
}

impl Tokens {
    /// Tokens sealed with a key derived from `secret`, of at least 16 bytes.
    pub fn new(secret: &[u8]) -> Result<Self, TokenError> {
        Ok(Self { sealing: Key::derive(secret)?, former: Vec::new() })
    }

    /// The same, also opening what was sealed with the former secret `secret`.
    pub fn with_former(mut self, secret: &[u8]) -> Result<Self, TokenError> {
        self.former.push(Key::derive(secret)?);
        Ok(self)
    }

    /// Tokens that change nothing, for previews, tests and rehearsals.
    pub fn inert() -> Result<Self, TokenError> {
        let mut bytes = [0; 32];
        rand::fill(&mut bytes).map_err(|_| TokenError::Cipher)?;
        let key = UnboundKey::new(&AES_256_GCM_SIV, &bytes).map_err(|_| TokenError::Cipher)?;
        Ok(Self { sealing: Key { id: INERT, key: LessSafeKey::new(key) }, former: Vec::new() })
    }

    /// The token of one recipient of a run: always the same for the same three.
    pub fn seal(&self, list: &str, email: &str, run: &str) -> Result<String, TokenError> {
        if email.len() > 254 {
            return Err(TokenError::TooLong);
        }
        let mut sealed = Vec::with_capacity(2 + list.len() + run.len() + email.len() + TAG_LEN);
        for field in [list, run] {
            sealed.push(u8::try_from(field.len()).map_err(|_| TokenError::TooLong)?);
            sealed.extend_from_slice(field.as_bytes());
        }
        sealed.extend_from_slice(email.as_bytes());
        let head = self.sealing.head();
        self.sealing
            .key
            .seal_in_place_append_tag(nonce(), Aad::from(head), &mut sealed)
            .map_err(|_| TokenError::Cipher)?;
        Ok(BASE64_URL_SAFE_NO_PAD.encode([head.as_slice(), &sealed].concat()))
    }

    /// What `token` says, if it is genuine and not inert.
    pub fn open(&self, token: &str) -> Result<Claim, TokenError> {
        if token.len() > MAX_TOKEN_LEN {
            return Err(TokenError::Invalid);
        }
        let mut bytes = BASE64_URL_SAFE_NO_PAD.decode(token).map_err(|_| TokenError::Invalid)?;
        if bytes.len() < HEAD_LEN + TAG_LEN || bytes[0] != VERSION {
            return Err(TokenError::Invalid);
        }
        let (head, sealed) = bytes.split_at_mut(HEAD_LEN);
        if head[1..] == INERT {
            return Err(TokenError::Inert);
        }
        let mut keys = std::iter::once(&self.sealing).chain(&self.former);
        let key = keys.find(|key| head[1..] == key.id).ok_or(TokenError::UnknownKey)?;
        let plain =
            key.key.open_in_place(nonce(), Aad::from(key.head()), sealed).map_err(|_| TokenError::Invalid)?;
        claim(plain).ok_or(TokenError::Invalid)
    }
}

/// No key is shown.
impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").field("inert", &(self.sealing.id == INERT)).finish_non_exhaustive()
    }
}

impl Key {
    /// The key of a secret and the name it goes by, both by HKDF-SHA256 (RFC 5869).
    fn derive(secret: &[u8]) -> Result<Self, TokenError> {
        if secret.len() < MIN_SECRET_LEN {
            return Err(TokenError::WeakSecret);
        }
        let prk = hkdf::Salt::new(hkdf::HKDF_SHA256, SALT).extract(secret);
        let key = prk.expand(&[b"key"], &AES_256_GCM_SIV).map_err(|_| TokenError::Cipher)?;
        let mut id = [0; KEY_ID_LEN];
        prk.expand(&[b"key id"], IdLen).and_then(|okm| okm.fill(&mut id)).map_err(|_| TokenError::Cipher)?;
        if id == INERT {
            id[KEY_ID_LEN - 1] = 1;
        }
        Ok(Self { id, key: LessSafeKey::new(UnboundKey::from(key)) })
    }

    fn head(&self) -> [u8; HEAD_LEN] {
        let [a, b, c, d] = self.id;
        [VERSION, a, b, c, d]
    }
}

/// How long a key id is, for HKDF.
struct IdLen;

impl hkdf::KeyType for IdLen {
    fn len(&self) -> usize {
        KEY_ID_LEN
    }
}

fn nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; NONCE_LEN])
}

fn claim(plain: &[u8]) -> Option<Claim> {
    let (list, rest) = field(plain)?;
    let (run, email) = field(rest)?;
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).ok();
    Some(Claim { list: text(list)?, email: text(email)?, run: text(run)? })
}

/// A field with its length before it, and what follows.
fn field(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&len, rest) = bytes.split_first()?;
    rest.split_at_checked(usize::from(len))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECRET: &[u8] = b"a secret of thirty-two bytes ...";

    #[test]
    fn a_token_opens_to_what_was_sealed_and_is_always_the_same() {
        let tokens = Tokens::new(SECRET).unwrap();
        let token = tokens.seal("weekly.tmw.example", "ada@x.example", "run-7").unwrap();
        assert_eq!(
            token,
            Tokens::new(SECRET).unwrap().seal("weekly.tmw.example", "ada@x.example", "run-7").unwrap()
        );
        assert_eq!(
            tokens.open(&token).unwrap(),
            Claim {
                list: "weekly.tmw.example".to_owned(),
                email: "ada@x.example".to_owned(),
                run: "run-7".to_owned()
            }
        );
        assert!(token.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_'));
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(&token).unwrap();
        assert!(!String::from_utf8_lossy(&bytes).contains("ada"));
    }

    /// Links lie in inboxes for years: this one must open for ever.
    #[test]
    fn a_link_of_the_first_version_still_opens() {
        let token = "ARxID7qKCX6cMrxTNKsAasgRZhGX4spwFL-r5xPlShTp8m5Y0uM2u_E";
        let claim = Tokens::new(SECRET).unwrap().open(token).unwrap();
        assert_eq!(
            (claim.list.as_str(), claim.email.as_str(), claim.run.as_str()),
            ("list", "ada@x.example", "1")
        );
    }

    #[test]
    fn no_other_key_opens_it_until_it_is_named_as_a_former_one() {
        let token = Tokens::new(SECRET).unwrap().seal("list", "ada@x.example", "1").unwrap();
        let other = Tokens::new(b"another secret, long enough").unwrap();
        assert_eq!(other.open(&token), Err(TokenError::UnknownKey));
        let other = other.with_former(SECRET).unwrap();
        assert_eq!(other.open(&token).unwrap().email, "ada@x.example");
        assert_ne!(other.seal("list", "ada@x.example", "1").unwrap(), token);
    }

    #[test]
    fn inert_tokens_say_so_to_any_key() {
        let token = Tokens::inert().unwrap().seal("list", "ada@x.example", "1").unwrap();
        assert_eq!(Tokens::new(SECRET).unwrap().open(&token), Err(TokenError::Inert));
        assert_eq!(Tokens::inert().unwrap().open(&token), Err(TokenError::Inert));
        let live = Tokens::new(SECRET).unwrap().seal("list", "ada@x.example", "1").unwrap();
        assert_eq!(live.len(), token.len());
    }

    #[test]
    fn a_short_secret_and_an_endless_address_are_refused() {
        assert_eq!(Tokens::new(b"15 bytes of it.").err(), Some(TokenError::WeakSecret));
        let tokens = Tokens::new(SECRET).unwrap();
        assert_eq!(tokens.seal(&"l".repeat(256), "a@b.c", "1"), Err(TokenError::TooLong));
        assert_eq!(tokens.seal("l", &"a".repeat(255), "1"), Err(TokenError::TooLong));
        let longest = tokens.seal(&"l".repeat(255), &"a".repeat(254), &"r".repeat(255)).unwrap();
        assert_eq!(tokens.open(&longest).unwrap().email.len(), 254);
        assert!(longest.len() < 1_080);
        assert_eq!(tokens.open(&"A".repeat(100_000)), Err(TokenError::Invalid));
        assert!(!format!("{tokens:?}").contains("secret"));
    }

    proptest! {
        #[test]
        fn whatever_is_sealed_opens(list in "\\PC{0,40}", email in "[a-z.+]{1,60}@[a-z.]{1,60}", run in "[a-z0-9-]{0,60}") {
            let tokens = Tokens::new(SECRET).unwrap();
            let token = tokens.seal(&list, &email, &run).unwrap();
            prop_assert_eq!(tokens.open(&token).unwrap(), Claim { list, email, run });
        }

        #[test]
        fn one_changed_bit_is_noticed(at in 0_usize..10_000, bit in 0_u8..8) {
            let tokens = Tokens::new(SECRET).unwrap();
            let mut bytes = BASE64_URL_SAFE_NO_PAD.decode(tokens.seal("list", "ada@x.example", "1").unwrap()).unwrap();
            let at = at % bytes.len();
            bytes[at] ^= 1 << bit;
            prop_assert!(tokens.open(&BASE64_URL_SAFE_NO_PAD.encode(bytes)).is_err());
        }

        #[test]
        fn what_was_never_a_token_is_an_error(token in "\\PC{0,60}|[A-Za-z0-9_-]{0,200}") {
            prop_assert!(Tokens::new(SECRET).unwrap().open(&token).is_err());
        }
    }
}
