//! 事件: what has happened in a space, who wants to hear of it, and what became of telling them.
//!
//! Nothing here reaches out: an attempt that is due waits for somebody to make it, and its outcome is
//! dated at the instant for which it was due. So one run is like the other, however fast the network.

pub mod deliveries;
pub mod feed;
pub mod subscriptions;

use jiff::Timestamp;
use lingminban::api::{EventType, MaterialKind};

use super::{directory::PartnerIndex, docket::Number};
use deliveries::{Deliveries, Subject};
use feed::{Feed, Record};
use subscriptions::Subscriptions;

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

impl Events {
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
