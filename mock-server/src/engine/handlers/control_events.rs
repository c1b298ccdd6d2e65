//! Events and messages by command.

use jiff::Timestamp;
use lingminban::{
    api::{
        ApplicationId, EventType, Found, InspectionStatus, MaterialKind, Place, ProblemCode,
        WebhookId,
        control::{
            FireCommand, FireEvent, FiredEvent, ListMessages, Message, MessageFilter,
            MessageOccasion, MessagePage,
        },
    },
    moment::Moment,
    text::Language,
    wire_enum::WireEnum,
};

use super::{inspections, pages::Page};
use crate::engine::{
    Engine,
    control::Command,
    directory::PartnerIndex,
    docket::Number,
    events::{
        self,
        deliveries::{DeliveryNumber, Subject},
        messages::Record,
        subscriptions::{Subscription, WebhookNumber},
        telling,
    },
    pipeline::Input,
    refusal::Refusal,
    space::{Space, State},
};

impl Command<FireEvent> for Engine {
    fn command(&self, _: Language, input: Input<FireEvent>) -> Result<Found<FiredEvent>, Refusal> {
        let space = self.named_space(&input.path.space_id)?;
        let command = input.body.0;
        self.change(&space, |now, state| {
            let application = command.application_id.as_ref();
            let application = application.map(|id| filed(&space, state, id)).transpose()?;
            let webhook = command.webhook_id.as_ref();
            let webhook = webhook
                .map(|id| subscribed(state, id, application))
                .transpose()?;
            let (subject, numbers) = fire(state, &command, application, webhook, now);
            let fired = self.told_fired(&space, state, command.kind, subject, &numbers);
            fired.ok_or_else(|| Refusal::new(ProblemCode::InternalError))
        })?
        .map(Found)
    }
}

impl Command<ListMessages> for Engine {
    fn command(
        &self,
        _: Language,
        input: Input<ListMessages>,
    ) -> Result<Found<MessagePage>, Refusal> {
        let space = self.named_space(&input.path.space_id)?;
        let mut filter = input.query;
        let (size, token) = (filter.page_size.take(), filter.page_token.take());
        let list = (space.id.0, &filter);
        let nobody = PartnerIndex::FIRST;
        let page = Page::new::<ListMessages>(&list, nobody, size, token.as_deref())?;
        self.change(&space, |_, state| {
            let wanted = wanted(&space, &filter);
            let inspection = filter.inspection_id.as_ref().map(inspections::number_of);
            let messages = state.events.messages.from(page.from);
            let mut found: Vec<_> = messages
                .filter(|(_, record)| {
                    wanted.is_none_or(|it| it.is_some() && it == record.application())
                })
                .filter(|(_, record)| {
                    inspection.is_none_or(|it| it.is_some() && it == record.inspection())
                })
                .take(page.size + 1)
                .collect();
            let next_page_token = found.get(page.size).map(|(next, _)| page.token(*next));
            found.truncate(page.size);
            let items = found
                .into_iter()
                .filter_map(|(_, record)| self.told_message(&space, state, record));
            Found(MessagePage {
                items: items.collect(),
                next_page_token,
            })
        })
    }
}

/// The application a filter names, if it names one, if there is one.
fn wanted(space: &Space, filter: &MessageFilter) -> Option<Option<Number>> {
    let id = filter.application_id.as_ref()?;
    Some(space.number_of(id))
}

/// Those of which nobody writes stand for the booking that they follow.
fn occasion_of(status: InspectionStatus) -> MessageOccasion {
    match status {
        InspectionStatus::Cancelled => MessageOccasion::InspectionCancelled,
        InspectionStatus::Passed => MessageOccasion::InspectionPassed,
        InspectionStatus::Failed => MessageOccasion::InspectionFailed,
        InspectionStatus::Booked | InspectionStatus::CheckedIn | InspectionStatus::NoShow => {
            MessageOccasion::InspectionBooked
        }
    }
}

impl Engine {
    fn told_message(&self, space: &Space, state: &State, record: &Record) -> Option<Message> {
        let space_id = space.id.name();
        match record {
            Record::Application(record) => {
                let entry = state.docket.get(record.application)?;
                let id = space.application_id(record.application);
                let occasion = EventType::of(record.status);
                Some(Message {
                    space_id,
                    sent_at: Moment::new(record.at),
                    to: state.events.messages.contact(record.application).to_owned(),
                    text: record.text(self.city(), entry, &id),
                    application_id: Some(id),
                    inspection_id: None,
                    kind: MessageOccasion::from_word(occasion.as_str())?.into(),
                })
            }
            Record::Inspection(record) => {
                let entry = state.inspections.get(record.inspection)?;
                let id = inspections::id_of(record.inspection);
                Some(Message {
                    space_id,
                    sent_at: Moment::new(record.at),
                    to: entry.contact.clone().into(),
                    text: record.text(self.city(), entry, &id),
                    application_id: None,
                    inspection_id: Some(id),
                    kind: occasion_of(record.inspection_status).into(),
                })
            }
        }
    }

    fn told_fired(
        &self,
        space: &Space,
        state: &State,
        kind: EventType,
        subject: Subject,
        numbers: &[DeliveryNumber],
    ) -> Option<FiredEvent> {
        let deliveries = &state.events.deliveries;
        let first = numbers.first().and_then(|number| deliveries.get(*number));
        let webhook = first.map(|delivery| delivery.webhook);
        let event = telling::event(self.city(), space, state, subject, kind, webhook)?;
        let told = numbers.iter().filter_map(|number| {
            let delivery = deliveries.get(*number)?;
            Some(telling::delivery(space, state, *number, delivery))
        });
        Some(FiredEvent {
            event,
            deliveries: told.collect(),
        })
    }
}

fn fire(
    state: &mut State,
    command: &FireCommand,
    application: Option<Number>,
    webhook: Option<WebhookNumber>,
    now: Timestamp,
) -> (Subject, Vec<DeliveryNumber>) {
    let FireCommand { kind, effect, .. } = *command;
    let material = (kind == EventType::MaterialReceived).then_some(MaterialKind::OriginProof);
    let recorded =
        application.and_then(|number| events::record(state, number, kind, material, now));
    match recorded {
        Some(position) => (
            Subject::Happened(position),
            events::push(state, position, webhook, effect),
        ),
        None => events::push_invented(state, kind, webhook, effect, now),
    }
}

fn filed(space: &Space, state: &State, id: &ApplicationId) -> Result<Number, Refusal> {
    space
        .number_of(id)
        .filter(|number| state.docket.get(*number).is_some())
        .ok_or_else(|| Refusal::at(ProblemCode::ApplicationNotFound, pointer("/application_id")))
}

/// A subscription that an event may be pushed to: of the partner whose application it is about.
fn subscribed(
    state: &State,
    id: &WebhookId,
    application: Option<Number>,
) -> Result<WebhookNumber, Refusal> {
    let partner = application
        .and_then(|number| state.docket.get(number))
        .map(|entry| entry.partner);
    let fits = |one: &&Subscription| partner.is_none_or(|partner| one.partner == partner);
    let number = id.number().and_then(|number| number.try_into().ok());
    let found = number.and_then(|number| {
        let one = state.events.subscriptions.get(number).filter(fits)?;
        Some((number, one))
    });
    match found {
        None => Err(ProblemCode::WebhookNotFound),
        Some((_, one)) if one.disabled_at.is_some() => Err(ProblemCode::WebhookDisabled),
        Some((number, _)) => Ok(number),
    }
    .map_err(|code| Refusal::at(code, pointer("/webhook_id")))
}

fn pointer(place: &str) -> Place {
    Place::Pointer(place.to_owned())
}
