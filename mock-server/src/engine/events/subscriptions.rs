//! 推送订阅.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use lingminban::api::{EventType, ShortText, WebhookSecret, WebhookUrl};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::engine::{
    directory::PartnerIndex,
    register::Words,
    store::{
        rows::{Damaged, Reader, Writer},
        tracked::Tracked,
    },
};

/// Number of a subscription in its space, from 1.
pub type WebhookNumber = u32;

/// Old secrets of a subscription that sign beside the present one.
pub const MOST_OLD_SECRETS: usize = 5;

/// Subscriptions a partner may have.
pub const MOST_WEBHOOKS: usize = 10;

/// One subscription.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Subscription {
    /// Whose.
    pub partner: PartnerIndex,
    /// 接收地址.
    pub url: WebhookUrl,
    /// 事件类型; `None` for all.
    pub types: Option<Words<EventType>>,
    /// 说明.
    pub description: Option<ShortText>,
    /// 新建时间.
    pub created_at: Timestamp,
    /// 停用时间.
    pub disabled_at: Option<Timestamp>,
    /// How often the secret was rotated: it follows from that and the seed.
    rotations: u32,
    /// The rotations of old secrets, the oldest first, and until when each signs.
    previous: Vec<(u32, Timestamp)>,
}

/// Their rows in the store.
const ROWS: &str = "webhook";

/// The subscriptions of a space.
#[derive(Clone, Debug, Default)]
pub struct Subscriptions {
    by_number: Tracked<BTreeMap<WebhookNumber, Subscription>>,
    last: WebhookNumber,
}

impl Subscription {
    /// A fresh subscription.
    #[must_use]
    pub fn new(
        partner: PartnerIndex,
        url: WebhookUrl,
        types: Option<Words<EventType>>,
        description: Option<ShortText>,
        now: Timestamp,
    ) -> Self {
        Self {
            partner,
            url,
            types,
            description,
            created_at: now,
            disabled_at: None,
            rotations: 0,
            previous: Vec::new(),
        }
    }

    /// Puts a new secret in the place of the present one, which signs on until `until`. Those before
    /// it sign as long as they were to. One that ends at once is always let go of.
    ///
    /// # Errors
    /// When as many old ones sign as may, with the time when the first of them ends; nothing has
    /// changed then.
    pub fn rotate(&mut self, until: Timestamp, now: Timestamp) -> Result<(), Timestamp> {
        let living = self.previous.iter().map(|(_, until)| *until);
        let living = living.filter(|until| *until > now);
        if until > now && living.clone().count() >= MOST_OLD_SECRETS {
            return Err(living.min().unwrap_or(now));
        }
        self.previous.retain(|(_, until)| *until > now);
        if until > now {
            self.previous.push((self.rotations, until));
        }
        self.rotations += 1;
        Ok(())
    }

    /// Until when the last of the old secrets signs, if one still does.
    #[must_use]
    pub fn previous_until(&self, now: Timestamp) -> Option<Timestamp> {
        let ends = self.previous.iter().map(|(_, until)| *until);
        ends.max().filter(|until| *until > now)
    }

    /// The present secret.
    #[must_use]
    pub fn secret(&self, seed: u64, number: WebhookNumber) -> WebhookSecret {
        secret(seed, number, self.rotations)
    }

    /// Every secret that signs at an instant, the newest first.
    pub fn secrets(
        &self,
        seed: u64,
        number: WebhookNumber,
        at: Timestamp,
    ) -> impl Iterator<Item = WebhookSecret> {
        let previous = self.previous.iter().rev();
        let previous = previous.filter(move |(_, until)| *until > at);
        std::iter::once(self.rotations)
            .chain(previous.map(|(rotation, _)| *rotation))
            .map(move |rotation| secret(seed, number, rotation))
    }

    fn wants(&self, partner: Option<PartnerIndex>, kind: EventType) -> bool {
        partner.is_none_or(|partner| self.partner == partner)
            && self.disabled_at.is_none()
            && self.types.is_none_or(|types| types.contains(kind))
    }
}

impl Subscriptions {
    /// Adds one; `None` when the partner has as many as it may have.
    pub fn add(&mut self, subscription: Subscription) -> Option<WebhookNumber> {
        if self.of(subscription.partner).count() >= MOST_WEBHOOKS {
            return None;
        }
        self.last += 1;
        self.by_number.insert(self.last, subscription);
        Some(self.last)
    }

    /// The highest number given so far.
    #[must_use]
    pub fn last(&self) -> WebhookNumber {
        self.last
    }

    /// Hands its rows to the store; the highest number goes with the space's other numbers.
    pub fn save(&mut self, writer: &mut Writer) {
        writer.table(ROWS, &mut self.by_number);
    }

    /// What was handed to the store.
    ///
    /// # Errors
    /// When it makes no sense.
    pub fn load(last: WebhookNumber, reader: &mut Reader) -> Result<Self, Damaged> {
        let mut by_number = Tracked::<BTreeMap<_, _>>::default();
        for (number, subscription) in reader.table(ROWS)? {
            by_number.insert(number, subscription);
        }
        by_number.watch();
        Ok(Self { by_number, last })
    }

    /// One by its number.
    #[must_use]
    pub fn get(&self, number: WebhookNumber) -> Option<&Subscription> {
        self.by_number.get(&number)
    }

    /// One to change.
    pub fn get_mut(&mut self, number: WebhookNumber) -> Option<&mut Subscription> {
        self.by_number.edit(&number)
    }

    /// Takes one away.
    pub fn remove(&mut self, number: WebhookNumber) {
        self.by_number.remove(&number);
    }

    /// Those of a partner, in the order of their creation.
    pub fn of(
        &self,
        partner: PartnerIndex,
    ) -> impl Iterator<Item = (WebhookNumber, &Subscription)> {
        self.by_number
            .iter()
            .filter(move |(_, subscription)| subscription.partner == partner)
            .map(|(number, subscription)| (*number, subscription))
    }

    /// Whether there is not a single one.
    #[must_use]
    pub fn are_none(&self) -> bool {
        self.by_number.is_empty()
    }

    /// Those that an event of a partner, or of nobody, is to be pushed to.
    pub fn wanting(
        &self,
        partner: Option<PartnerIndex>,
        kind: EventType,
    ) -> impl Iterator<Item = WebhookNumber> {
        self.by_number
            .iter()
            .filter(move |(_, subscription)| subscription.wants(partner, kind))
            .map(|(number, _)| *number)
    }
}

/// HMAC-SHA-256 of subscription and rotation under the seed: the sandbox keeps no secrets, it gives
/// the same ones in every run.
fn secret(seed: u64, number: WebhookNumber, rotation: u32) -> WebhookSecret {
    let mut key = [0; 64];
    key[..8].copy_from_slice(&seed.to_be_bytes());
    key[8..26].copy_from_slice(b"lingminban webhook");
    let mut mac = Hmac::<Sha256>::new(&key.into());
    mac.update(&number.to_be_bytes());
    mac.update(&rotation.to_be_bytes());
    WebhookSecret::new(format!(
        "whsec_{}",
        STANDARD.encode(mac.finalize().into_bytes())
    ))
}
