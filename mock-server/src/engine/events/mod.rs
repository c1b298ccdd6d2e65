//! 事件: what has happened in a space, who wants to hear of it, and what became of telling them.
//!
//! Nothing here reaches out: an attempt that is due waits for somebody to make it, and its outcome is
//! dated at the instant for which it was due. So one run is like the other, however fast the network.

pub mod deliveries;
pub mod feed;
pub mod subscriptions;

use jiff::Timestamp;
use lingminban::api::{EventType, MaterialKind};
use serde::{Deserialize, Serialize};

use super::{
    directory::PartnerIndex,
    docket::Number,
    store::rows::{Damaged, Reader, Writer},
};
use deliveries::{Deliveries, DeliveryNumber, Subject};
use feed::{Feed, Record};
use subscriptions::{Subscriptions, WebhookNumber};

/// The events of a space and their way to the partners.
#[derive(Clone, Debug, Default)]
pub struct Events {
    /// What has happened.
    pub feed: Feed,
    /// Who wants to hear of it.
    pub subscriptions: Subscriptions,
    /// On its way to them.
    pub deliveries: Deliveries,
}

/// Numbers that do not follow from what is on record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    webhooks: WebhookNumber,
    deliveries: (DeliveryNumber, u32),
}

impl Events {
    /// What its rows in the store do not tell.
    #[must_use]
    pub fn counts(&self) -> Counts {
        Counts {
            webhooks: self.subscriptions.last(),
            deliveries: self.deliveries.counts(),
        }
    }

    /// Hands its rows to the store.
    pub fn save(&mut self, writer: &mut Writer) {
        self.feed.save(writer);
        self.subscriptions.save(writer);
        self.deliveries.save(writer);
    }

    /// What was handed to the store.
    ///
    /// # Errors
    /// When it makes no sense.
    pub fn load(counts: Counts, reader: &mut Reader) -> Result<Self, Damaged> {
        Ok(Self {
            feed: Feed::load(reader)?,
            subscriptions: Subscriptions::load(counts.webhooks, reader)?,
            deliveries: Deliveries::load(counts.deliveries, reader)?,
        })
    }

    /// Something happened to an application: it is on record, and on its way to all who subscribed.
    pub fn happened(
        &mut self,
        partner: PartnerIndex,
        application: Number,
        kind: EventType,
        material: Option<MaterialKind>,
        at: Timestamp,
    ) {
        let position = self.feed.push(Record {
            kind,
            material,
            partner,
            application,
            at,
        });
        for webhook in self.subscriptions.wanting(partner, kind) {
            let subject = Subject::Happened(position);
            self.deliveries.enqueue(webhook, subject, kind, at);
        }
    }
}
