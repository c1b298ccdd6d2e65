//! 翻页: opaque tokens that hold where a list goes on and which list it was.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use lingminban::api::{Operation, PageSize, Place, ProblemCode};
use xxhash_rust::xxh3::xxh3_64;

use crate::engine::{directory::PartnerIndex, refusal::Refusal};

/// One page asked for.
pub(super) struct Page {
    /// Where it begins.
    pub(super) from: u32,
    /// Its length.
    pub(super) size: usize,
    list: u64,
}

impl Page {
    /// Reads the token, if there is one. `filter` is the query without token and size: a token of
    /// another operation, another filter or another partner is stale.
    ///
    /// # Errors
    /// 400 when the token is not one of this list.
    pub(super) fn new<O: Operation>(
        filter: &impl serde::Serialize,
        partner: PartnerIndex,
        size: Option<PageSize>,
        token: Option<&str>,
    ) -> Result<Self, Refusal> {
        let mut identity = O::ID.as_bytes().to_vec();
        identity.extend(serde_json::to_vec(filter).unwrap_or_default());
        identity.extend(partner.number().to_be_bytes());
        let list = xxh3_64(&identity);
        let from = match token {
            None => 0,
            Some(token) => read(token, list).ok_or_else(|| {
                Refusal::at(
                    ProblemCode::InvalidPageToken,
                    Place::Parameter("page_token".to_owned()),
                )
            })?,
        };
        Ok(Self {
            from,
            size: usize::from(size.unwrap_or_default().get()),
            list,
        })
    }

    /// The token of the page that begins at `from`.
    #[must_use]
    pub(super) fn token(&self, from: u32) -> String {
        let mut bytes = [0; 12];
        bytes[..4].copy_from_slice(&from.to_be_bytes());
        bytes[4..].copy_from_slice(&self.list.to_be_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Cuts a page out of a list that is all there, and names the next.
    #[must_use]
    pub(super) fn cut<T>(&self, all: impl Iterator<Item = T>) -> (Vec<T>, Option<String>) {
        let start = usize::try_from(self.from).unwrap_or(usize::MAX);
        let mut items: Vec<T> = all.skip(start).take(self.size + 1).collect();
        let more = items.len() > self.size;
        items.truncate(self.size);
        let next = u32::try_from(start + items.len()).ok().filter(|_| more);
        (items, next.map(|next| self.token(next)))
    }
}

fn read(token: &str, list: u64) -> Option<u32> {
    let bytes: [u8; 12] = URL_SAFE_NO_PAD.decode(token).ok()?.try_into().ok()?;
    let (from, of) = bytes.split_at(4);
    (of == list.to_be_bytes()).then_some(u32::from_be_bytes(from.try_into().ok()?))
}
