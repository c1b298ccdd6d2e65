use lingminban::api::{
    AnswerSupplementNotice, Application, ApplicationId, ApplicationPage,
    ApplicationStatus as Status, Found, GetApplication, GetTimeline, HandInApplication,
    ListApplications, ProblemCode, Timeline, WithdrawApplication,
};

use super::{pages::Page, view};
use crate::engine::{
    Engine, Fault,
    docket::{Entry, Number, Selection},
    lifecycle,
    pipeline::{Handle, Input, Scene},
    refusal::Refusal,
};
use lingminban::api::FindingCode;

/// The partner's own application; another's is answered like one that does not exist.
///
/// # Errors
/// 404.
pub(super) fn own(scene: &Scene<'_>, id: &ApplicationId) -> Result<Number, Refusal> {
    let number = scene.space.number_of(id).filter(|number| {
        let entry = scene.state.docket.get(*number);
        entry.is_some_and(|entry| entry.partner == scene.partner)
    });
    number.ok_or_else(|| Refusal::at_parameter(ProblemCode::ApplicationNotFound, PARAMETER))
}

/// The application's state does not allow the step.
#[must_use]
pub(super) fn wrong_state() -> Refusal {
    Refusal::at_parameter(ProblemCode::WrongState, PARAMETER)
}

const PARAMETER: &str = "application_id";

fn shown(scene: &Scene<'_>, number: Number) -> Found<Application> {
    Found(view::application(
        scene,
        number,
        &scene.state.docket[number],
    ))
}

impl Handle<GetApplication> for Engine {
    fn handle(
        &self,
        scene: &mut Scene<'_>,
        input: Input<GetApplication>,
    ) -> Result<Found<Application>, Refusal> {
        let number = own(scene, &input.path.application_id)?;
        lifecycle::poll(scene.city, scene.state, number, scene.now);
        Ok(shown(scene, number))
    }
}

impl Handle<GetTimeline> for Engine {
    fn handle(
        &self,
        scene: &mut Scene<'_>,
        input: Input<GetTimeline>,
    ) -> Result<Found<Timeline>, Refusal> {
        let number = own(scene, &input.path.application_id)?;
        Ok(Found(view::timeline(scene, &scene.state.docket[number])))
    }
}

impl Handle<ListApplications> for Engine {
    fn handle(
        &self,
        scene: &mut Scene<'_>,
        input: Input<ListApplications>,
    ) -> Result<Found<ApplicationPage>, Refusal> {
        let mut filter = input.query;
        let (size, token) = (filter.page_size.take(), filter.page_token.take());
        let page = Page::new::<ListApplications>(&filter, scene.partner, size, token.as_deref())?;
        let outlet = match &filter.outlet_id {
            None => None,
            Some(id) => match scene.city.directory.outlet(id.as_str()) {
                Some(outlet) => Some(outlet.index),
                // No outlet of that name has filed anything.
                None => {
                    return Ok(Found(ApplicationPage {
                        items: Vec::new(),
                        next_page_token: None,
                    }));
                }
            },
        };
        let selection = Selection::new(&filter, outlet);
        let docket = &scene.state.docket;
        let mut numbers = docket.list(scene.partner, &selection, page.from, page.size + 1);
        let next_page_token = numbers.get(page.size).map(|next| page.token(*next));
        numbers.truncate(page.size);
        let items = numbers
            .into_iter()
            .map(|number| view::application(scene, number, &docket[number]))
            .collect();
        Ok(Found(ApplicationPage {
            items,
            next_page_token,
        }))
    }
}

impl Handle<HandInApplication> for Engine {
    fn handle(
        &self,
        scene: &mut Scene<'_>,
        input: Input<HandInApplication>,
    ) -> Result<Found<Application>, Refusal> {
        let number = own(scene, &input.path.application_id)?;
        let entry = &scene.state.docket[number];
        if entry.status() != Status::Received {
            return Err(wrong_state());
        }
        lifecycle::hand_in(scene.city, scene.state, number, scene.now);
        Ok(shown(scene, number))
    }
}

impl Handle<AnswerSupplementNotice> for Engine {
    fn handle(
        &self,
        scene: &mut Scene<'_>,
        input: Input<AnswerSupplementNotice>,
    ) -> Result<Found<Application>, Refusal> {
        let number = own(scene, &input.path.application_id)?;
        if scene.state.docket[number].status() != Status::SupplementRequired {
            return Err(wrong_state());
        }
        let together = scene.state.docket.together_with(number);
        let missing: Vec<Fault> = together
            .flat_map(Entry::missing)
            .map(|material| {
                Fault::finding(FindingCode::MaterialMissing, "")
                    .with_detail(material.kind.to_string())
            })
            .collect();
        if !missing.is_empty() {
            return Err(Refusal::invalid(missing));
        }
        lifecycle::enter(scene.city, scene.state, number, Status::Accepted, scene.now);
        Ok(shown(scene, number))
    }
}

impl Handle<WithdrawApplication> for Engine {
    fn handle(
        &self,
        scene: &mut Scene<'_>,
        input: Input<WithdrawApplication>,
    ) -> Result<Found<Application>, Refusal> {
        let number = own(scene, &input.path.application_id)?;
        let status = scene.state.docket[number].status();
        if status.is_terminal() || status == Status::Approved {
            return Err(wrong_state());
        }
        lifecycle::enter(
            scene.city,
            scene.state,
            number,
            Status::Withdrawn,
            scene.now,
        );
        Ok(shown(scene, number))
    }
}
