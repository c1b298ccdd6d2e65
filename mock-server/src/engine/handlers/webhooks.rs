use std::time::Duration;

use jiff::Timestamp;
use lingminban::{
    api::{
        CreateWebhook, Created, DeleteWebhook, Delivery, DeliveryPage, EnableWebhook, EventType,
        Found, GetWebhook, Json, ListDeliveries, ListWebhooks, NoContent, OptionalJson, Place,
        ProblemCode, Redeliver, RotateWebhookSecret, TestWebhook, Webhook, WebhookId, WebhookList,
        WebhookStatus,
    },
    moment::Moment,
    text::Text,
};

use super::pages::Page;
use crate::engine::{
    Engine, Fault,
    events::{
        self,
        deliveries::DeliveryNumber,
        subscriptions::{Subscription, WebhookNumber},
        telling,
    },
    pipeline::{Handle, Input, Scene},
    refusal::Refusal,
    world::later,
};

/// The partner's own subscription; another's is answered like one that does not exist.
fn own(scene: &Scene<'_>, id: &WebhookId) -> Result<WebhookNumber, Refusal> {
    let number = id.number().and_then(|number| number.try_into().ok());
    number
        .filter(|number| {
            let subscription = scene.state.events.subscriptions.get(*number);
            subscription.is_some_and(|one| one.partner == scene.partner)
        })
        .ok_or_else(|| Refusal::at(ProblemCode::WebhookNotFound, parameter("webhook_id")))
}

/// The same, where it is enabled.
fn own_enabled(scene: &Scene<'_>, id: &WebhookId) -> Result<WebhookNumber, Refusal> {
    let number = own(scene, id)?;
    let subscription = scene.state.events.subscriptions.get(number);
    if subscription.is_some_and(|one| one.disabled_at.is_some()) {
        return Err(Refusal::at(
            ProblemCode::WebhookDisabled,
            parameter("webhook_id"),
        ));
    }
    Ok(number)
}

fn parameter(name: &str) -> Place {
    Place::Parameter(name.to_owned())
}

impl Handle<CreateWebhook> for Engine {
    fn handle(
        &self,
        scene: &mut Scene<'_>,
        input: Input<CreateWebhook>,
    ) -> Result<Created<Webhook>, Refusal> {
        let Json(request) = input.body;
        let types = request
            .event_types
            .map(|types| types.as_slice().iter().copied().collect());
        let subscription = Subscription::new(
            scene.partner,
            request.url,
            types,
            request.description,
            scene.now,
        );
        let number = scene
            .state
            .events
            .subscriptions
            .add(subscription)
            .ok_or_else(|| Refusal::new(ProblemCode::LimitReached))?;
        told(scene, number, true).map(Created)
    }
}

impl Handle<ListWebhooks> for Engine {
    fn handle(
        &self,
        scene: &mut Scene<'_>,
        _: Input<ListWebhooks>,
    ) -> Result<Found<WebhookList>, Refusal> {
        let own = scene.state.events.subscriptions.of(scene.partner);
        let items = own.map(|(number, one)| webhook(scene, number, one, false));
        Ok(Found(WebhookList {
            items: items.collect(),
        }))
    }
}

impl Handle<GetWebhook> for Engine {
    fn handle(
        &self,
        scene: &mut Scene<'_>,
        input: Input<GetWebhook>,
    ) -> Result<Found<Webhook>, Refusal> {
        let number = own(scene, &input.path.webhook_id)?;
        told(scene, number, false).map(Found)
    }
}

impl Handle<DeleteWebhook> for Engine {
    fn handle(
        &self,
        scene: &mut Scene<'_>,
        input: Input<DeleteWebhook>,
    ) -> Result<NoContent, Refusal> {
        let number = own(scene, &input.path.webhook_id)?;
        let events = &mut scene.state.events;
        events.subscriptions.remove(number);
        events.deliveries.forget(number);
        Ok(NoContent)
    }
}

impl Handle<RotateWebhookSecret> for Engine {
    fn handle(
        &self,
        scene: &mut Scene<'_>,
        input: Input<RotateWebhookSecret>,
    ) -> Result<Found<Webhook>, Refusal> {
        let number = own(scene, &input.path.webhook_id)?;
        let OptionalJson(rotation) = input.body;
        let overlap = rotation.overlap_seconds.unwrap_or_default().get();
        let until = later(scene.now, Duration::from_secs(overlap.into()));
        if let Some(subscription) = scene.state.events.subscriptions.get_mut(number) {
            let rotated = subscription.rotate(until, scene.now);
            rotated.map_err(too_many_secrets)?;
        }
        told(scene, number, true).map(Found)
    }
}

impl Handle<EnableWebhook> for Engine {
    fn handle(
        &self,
        scene: &mut Scene<'_>,
        input: Input<EnableWebhook>,
    ) -> Result<Found<Webhook>, Refusal> {
        let number = own(scene, &input.path.webhook_id)?;
        if let Some(subscription) = scene.state.events.subscriptions.get_mut(number) {
            subscription.disabled_at = None;
        }
        told(scene, number, false).map(Found)
    }
}

impl Handle<TestWebhook> for Engine {
    fn handle(
        &self,
        scene: &mut Scene<'_>,
        input: Input<TestWebhook>,
    ) -> Result<Created<Delivery>, Refusal> {
        let webhook = own_enabled(scene, &input.path.webhook_id)?;
        let OptionalJson(test) = input.body;
        let kind = test.kind.unwrap_or(EventType::WebhookTest);
        let (_, pushed) = events::push_invented(scene.state, kind, Some(webhook), None, scene.now);
        let number = pushed.first().copied();
        let number = number.ok_or_else(|| Refusal::new(ProblemCode::InternalError))?;
        shown(scene, number).map(Created)
    }
}

impl Handle<ListDeliveries> for Engine {
    fn handle(
        &self,
        scene: &mut Scene<'_>,
        input: Input<ListDeliveries>,
    ) -> Result<Found<DeliveryPage>, Refusal> {
        let webhook = own(scene, &input.path.webhook_id)?;
        let mut filter = input.query;
        let (size, token) = (filter.page_size.take(), filter.page_token.take());
        let list = (webhook, &filter);
        let page = Page::new::<ListDeliveries>(&list, scene.partner, size, token.as_deref())?;
        let mut items: Vec<(DeliveryNumber, Delivery)> = scene
            .state
            .events
            .deliveries
            .of(webhook, page.from)
            .filter(|(_, one)| filter.status.is_none_or(|status| one.status == status))
            .take(page.size + 1)
            .map(|(number, one)| {
                (
                    number,
                    telling::delivery(scene.space, scene.state, number, one),
                )
            })
            .collect();
        let next_page_token = items.get(page.size).map(|(next, _)| page.token(*next));
        items.truncate(page.size);
        Ok(Found(DeliveryPage {
            items: items.into_iter().map(|(_, one)| one).collect(),
            next_page_token,
        }))
    }
}

impl Handle<Redeliver> for Engine {
    fn handle(
        &self,
        scene: &mut Scene<'_>,
        input: Input<Redeliver>,
    ) -> Result<Found<Delivery>, Refusal> {
        let webhook = own(scene, &input.path.webhook_id)?;
        let deliveries = &scene.state.events.deliveries;
        let number = input.path.delivery_id.number();
        let number = number
            .and_then(|number| number.try_into().ok())
            .filter(|number| {
                let delivery = deliveries.get(*number);
                delivery.is_some_and(|delivery| delivery.webhook == webhook)
            })
            .ok_or_else(|| Refusal::at(ProblemCode::DeliveryNotFound, parameter("delivery_id")))?;
        own_enabled(scene, &input.path.webhook_id)?;
        scene.state.events.deliveries.restart(number, scene.now);
        shown(scene, number).map(Found)
    }
}

/// As many old secrets sign as may; the first of them ends then.
fn too_many_secrets(first_ends: Timestamp) -> Refusal {
    let fault = Fault {
        place: parameter("webhook_id"),
        code: ProblemCode::LimitReached.as_str(),
        text: TOO_MANY_SECRETS,
        rule: None,
        detail: Some(Moment::new(first_ends).to_string()),
    };
    Refusal::new(ProblemCode::LimitReached)
        .with_faults(vec![fault])
        .saying(TOO_MANY_SECRETS)
}

const TOO_MANY_SECRETS: Text = Text::new(
    "已有五个旧密钥仍在签名。请在其中第一个停用之后再轮换，或以 overlap_seconds 为 0 轮换，使现用密钥立即停用。",
    "Five old secrets still sign. Rotate again when the first of them has ended, or with overlap_seconds 0, which ends the present one at once.",
);

/// A subscription of the partner's, with its secret where that is new.
fn told(scene: &Scene<'_>, number: WebhookNumber, secret: bool) -> Result<Webhook, Refusal> {
    let subscription = scene.state.events.subscriptions.get(number);
    subscription
        .map(|one| webhook(scene, number, one, secret))
        .ok_or_else(|| Refusal::new(ProblemCode::WebhookNotFound))
}

fn webhook(
    scene: &Scene<'_>,
    number: WebhookNumber,
    subscription: &Subscription,
    secret: bool,
) -> Webhook {
    let status = match subscription.disabled_at {
        None => WebhookStatus::Enabled,
        Some(_) => WebhookStatus::Disabled,
    };
    let types = subscription
        .types
        .into_iter()
        .flat_map(|types| types.iter());
    Webhook {
        webhook_id: WebhookId::of_number(number.into()),
        url: subscription.url.clone(),
        event_types: types.map(Into::into).collect(),
        description: subscription.description.clone(),
        status: status.into(),
        created_at: Moment::new(subscription.created_at),
        disabled_at: subscription.disabled_at.map(Moment::new),
        secret: secret.then(|| subscription.secret(scene.space.settings.seed, number)),
        previous_secret_until: subscription.previous_until(scene.now).map(Moment::new),
    }
}

fn shown(scene: &Scene<'_>, number: DeliveryNumber) -> Result<Delivery, Refusal> {
    let found = scene.state.events.deliveries.get(number);
    found
        .map(|one| telling::delivery(scene.space, scene.state, number, one))
        .ok_or_else(|| Refusal::new(ProblemCode::DeliveryNotFound))
}
