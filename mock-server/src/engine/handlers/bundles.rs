//! 一窗通办: several applications filed as one.

use jiff::civil::Date;
use lingminban::{
    api::{
        ApplicationStatus as Status, Assessment, Bundle, BundleAssessment, BundleId, BundleRequest,
        BundleStatus, FindingCode, Found, GetBundle, Json, ProblemCode, SubmitBundle, Submitted,
    },
    for_each_bundle_part,
    identifiers::Vin,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{
    filing::{self, Draft, Judgement, Procedure},
    view,
};
use crate::{
    engine::{
        Engine, Fault,
        docket::{BundlePart, Entry, Number},
        filing::{Field, Filing},
        lifecycle,
        pipeline::{Handle, Input, Scene},
        refusal::Refusal,
        register::VehicleRecord,
    },
    field,
};

/// One part of a bundle, whatever its service.
trait Part {
    /// Its pointer in the bundle.
    fn pointer(&self) -> &'static str;
    fn vin(&self) -> Vin;
    fn gives_it_another_owner(&self) -> bool;
    fn authorise(&self, scene: &Scene<'_>) -> Result<(), Refusal>;
    fn refuse_repeated(&self, scene: &Scene<'_>) -> Result<(), Refusal>;
    fn judge(&self, scene: &Scene<'_>) -> Result<Judgement, Refusal>;
    fn foresee(&self, record: &mut VehicleRecord, today: Date);
    fn assess(&self, scene: &Scene<'_>, judgement: &Judgement) -> Assessment;
    fn draft(&self, scene: &mut Scene<'_>, judgement: Judgement) -> Result<Draft, Refusal>;
}

/// A request at its place in the bundle.
struct At<'a, R> {
    pointer: &'static str,
    request: &'a R,
}

impl<R: Procedure + Clone> Part for At<'_, R> {
    fn pointer(&self) -> &'static str {
        self.pointer
    }

    fn vin(&self) -> Vin {
        *self.request.vin()
    }

    fn gives_it_another_owner(&self) -> bool {
        R::FORMER_OWNER.is_some()
    }

    fn authorise(&self, scene: &Scene<'_>) -> Result<(), Refusal> {
        filing::authorise(scene, self.request)
    }

    fn refuse_repeated(&self, scene: &Scene<'_>) -> Result<(), Refusal> {
        filing::refuse_repeated(scene, self.request)
    }

    fn judge(&self, scene: &Scene<'_>) -> Result<Judgement, Refusal> {
        filing::judge(scene, self.request)
    }

    fn foresee(&self, record: &mut VehicleRecord, today: Date) {
        self.request.foresee(record, today);
    }

    fn assess(&self, scene: &Scene<'_>, judgement: &Judgement) -> Assessment {
        filing::assess(scene, self.request, judgement)
    }

    fn draft(&self, scene: &mut Scene<'_>, judgement: Judgement) -> Result<Draft, Refusal> {
        filing::draft(scene, self.request.clone(), judgement)
    }
}

macro_rules! parts {
    ($($member:ident, $request:ident, $chinese:literal;)+) => {
        /// The parts that are there, in the order in which they are handled.
        fn parts(request: &BundleRequest) -> Vec<Box<dyn Part + '_>> {
            let mut parts: Vec<Box<dyn Part + '_>> = Vec::new();
            $( if let Some(request) = &request.$member {
                let pointer = concat!("/", stringify!($member));
                parts.push(Box::new(At { pointer, request }));
            } )+
            parts
        }

        /// What each part alone shows to be wrong, and what each says that all have to say alike.
        fn examine_parts(
            scene: &Scene<'_>,
            bundle: &Filing<'_, BundleRequest>,
        ) -> (Vec<Fault>, Vec<Said>) {
            let mut faults = Vec::new();
            let mut said = Vec::new();
            $( faults.extend(bundle.within(field!($member?), |part| {
                said.push(Said::by_part(concat!("/", stringify!($member)), part));
                filing::examine(scene, part)
            })); )+
            (faults, said)
        }
    };
}
for_each_bundle_part!(parts);

/// What a part says that has to go with what the others say.
struct Said {
    /// What all parts have to say alike.
    alike: [Claim; 3],
    /// What each has of its own.
    reference: Claim,
    /// Whose the vehicle is before the part, and whose once it is completed.
    owners: [Claim; 2],
}

impl Said {
    fn by_part<R: Procedure>(part: &'static str, filing: &Filing<'_, R>) -> Self {
        let applicant = Field {
            pointer: R::APPLICANT_IDENTITY,
            read: |request: &R| Some(&request.applicant().identity_number),
        };
        let operator_id = Field {
            pointer: "/operator_id",
            read: |request: &R| Some(request.operator_id()),
        };
        let outlet_id = Field {
            pointer: "/outlet_id",
            read: R::outlet_id,
        };
        let vin = Field {
            pointer: "/vehicle/vin",
            read: |request: &R| Some(request.vin()),
        };
        let reference = Field {
            pointer: "/partner_reference",
            read: |request: &R| Some(request.partner_reference()),
        };
        Self {
            alike: [
                Claim::of(part, filing, operator_id),
                Claim::of(part, filing, outlet_id),
                Claim::of(part, filing, vin),
            ],
            reference: Claim::of(part, filing, reference),
            owners: [R::FORMER_OWNER.unwrap_or(applicant), applicant]
                .map(|owner| Claim::of(part, filing, owner)),
        }
    }
}

/// One member of a part, to be compared with that of another.
struct Claim {
    part: &'static str,
    pointer: &'static str,
    /// What it says, where it decoded.
    says: Option<Value>,
}

impl Claim {
    fn of<R, T: DeserializeOwned + Serialize + Clone>(
        part: &'static str,
        filing: &Filing<'_, R>,
        member: Field<R, T>,
    ) -> Self {
        let found = filing.get(member);
        Self {
            part,
            pointer: member.pointer,
            says: found.and_then(|value| serde_json::to_value(value).ok()),
        }
    }

    /// Where both say something, and not the same.
    fn contradicts(&self, other: &Self) -> bool {
        self.says.is_some() && other.says.is_some() && self.says != other.says
    }

    /// Where both say the same.
    fn agrees_with(&self, other: &Self) -> bool {
        self.says.is_some() && self.says == other.says
    }

    fn fault(&self, code: FindingCode) -> Fault {
        Fault::finding(code, self.pointer).within(self.part)
    }
}

/// Every part has a reference of its own.
fn references_used_twice(parts: &[Said]) -> Vec<Fault> {
    let twice = parts.iter().enumerate().filter(|(place, part)| {
        let mut before = parts[..*place].iter();
        before.any(|other| other.reference.agrees_with(&part.reference))
    });
    twice
        .map(|(_, part)| part.reference.fault(FindingCode::PartnerReferenceTwice))
        .collect()
}

/// Same vehicle, same outlet and operator as in the first part.
fn differences(parts: &[Said]) -> Vec<Fault> {
    let Some((first, others)) = parts.split_first() else {
        return Vec::new();
    };
    let pairs = others
        .iter()
        .flat_map(|other| other.alike.iter().zip(&first.alike));
    pairs
        .filter(|(other, first)| other.contradicts(first))
        .map(|(other, _)| other.fault(FindingCode::DiffersWithinBundle))
        .collect()
}

/// Each part is filed for whoever has the vehicle when its turn comes: nobody else's applications ride
/// along.
fn strangers(parts: &[Said]) -> Vec<Fault> {
    let mut owner: Option<&Claim> = None;
    let mut faults = Vec::new();
    for Said {
        owners: [before, after],
        ..
    } in parts
    {
        if owner.is_some_and(|owner| before.contradicts(owner)) {
            faults.push(before.fault(FindingCode::DiffersWithinBundle));
        }
        let known = owner.filter(|owner| owner.says.is_some());
        let changes = before.pointer != after.pointer;
        owner = if changes {
            Some(after)
        } else {
            known.or(Some(before))
        };
    }
    faults
}

impl Handle<SubmitBundle> for Engine {
    fn authorise(&self, scene: &Scene<'_>, input: &Input<SubmitBundle>) -> Result<(), Refusal> {
        let Json(request) = &input.body;
        let parts = parts(request);
        let of_all = |ask: &dyn Fn(&dyn Part) -> Result<(), Refusal>| {
            Refusal::together(parts.iter().map(|part| {
                let asked = ask(&**part);
                asked.map_err(|refusal| refusal.within(part.pointer()))
            }))
        };
        of_all(&|part| part.authorise(scene))?;
        of_all(&|part| part.refuse_repeated(scene))
    }

    fn examine(&self, scene: &Scene<'_>, bundle: &Filing<'_, BundleRequest>) -> Vec<Fault> {
        let (mut faults, said) = examine_parts(scene, bundle);
        if said.len() < 2 {
            faults.push(Fault::finding(FindingCode::BundleTooSmall, ""));
        }
        faults.extend(differences(&said));
        faults.extend(strangers(&said));
        faults.extend(references_used_twice(&said));
        faults
    }

    fn handle(
        &self,
        scene: &mut Scene<'_>,
        input: Input<SubmitBundle>,
    ) -> Result<Submitted<Bundle, BundleAssessment>, Refusal> {
        let Json(request) = input.body;
        let parts = parts(&request);
        let Some(first) = parts.first() else {
            let small = Fault::finding(FindingCode::BundleTooSmall, "");
            return Err(Refusal::invalid(vec![small]));
        };
        filing::refuse_in_process(scene, first.vin())
            .map_err(|refusal| refusal.within(first.pointer()))?;
        let judgements = supposing(scene, |scene| judge(scene, &parts))?;
        if input.query.validate_only {
            scene.effective = false;
            let assessed = parts.iter().zip(&judgements);
            let parts = assessed.map(|(part, judgement)| part.assess(scene, judgement));
            return Ok(Submitted::Assessed(Box::new(BundleAssessment {
                parts: parts.collect(),
            })));
        }
        let drafts = supposing(scene, |scene| draft(scene, &parts, judgements))?;
        let first = file(scene, &parts, drafts);
        Ok(Submitted::Filed(Box::new(shown(scene, first))))
    }
}

impl Handle<GetBundle> for Engine {
    fn handle(
        &self,
        scene: &mut Scene<'_>,
        input: Input<GetBundle>,
    ) -> Result<Found<Bundle>, Refusal> {
        let first = own(scene, &input.path.bundle_id)?;
        for number in scene.state.docket.bundle_of(first) {
            lifecycle::poll(scene.city, scene.state, number, scene.now);
        }
        Ok(Found(shown(scene, first)))
    }
}

/// Does something that lets records be others, and lets them be themselves again.
fn supposing<T>(scene: &mut Scene<'_>, act: impl FnOnce(&mut Scene<'_>) -> T) -> T {
    let done = act(scene);
    scene.state.register.suppose(None);
    done
}

/// Judges each part as if those before it had been completed.
fn judge(scene: &mut Scene<'_>, parts: &[Box<dyn Part + '_>]) -> Result<Vec<Judgement>, Refusal> {
    let judged = parts.iter().map(|part| {
        let judgement = part.judge(scene);
        let mut record = scene.state.register.vehicle(part.vin()).cloned();
        if let Some(record) = &mut record {
            part.foresee(record, scene.today());
        }
        scene.state.register.suppose(record);
        judgement.map_err(|refusal| refusal.within(part.pointer()))
    });
    judged.collect()
}

/// Makes applications of the parts, each of the record that those before it will have written.
fn draft(
    scene: &mut Scene<'_>,
    parts: &[Box<dyn Part + '_>],
    judgements: Vec<Judgement>,
) -> Result<Vec<Draft>, Refusal> {
    scene.state.register.suppose(None);
    let drafted = parts.iter().zip(judgements).map(|(part, judgement)| {
        let draft = part.draft(scene, judgement)?;
        scene.state.register.suppose(Some(draft.record().clone()));
        Ok(draft)
    });
    drafted.collect()
}

/// Files them in a row; gives the number of the first.
fn file(scene: &mut Scene<'_>, parts: &[Box<dyn Part + '_>], drafts: Vec<Draft>) -> Number {
    let first = scene.state.docket.numbers().end;
    let count = u32::try_from(drafts.len()).unwrap_or(u32::MAX);
    let mut applicant = 0;
    let mut turn = Some(scene.now);
    for (part, draft) in parts.iter().zip(drafts) {
        applicant += u32::from(part.gives_it_another_owner());
        let place = BundlePart {
            first,
            parts: count,
            turn: turn.take(),
            applicant,
        };
        filing::file(scene, draft, Some(place));
    }
    // What one part lacks, all wait for: known only now that all are there.
    for number in scene.state.docket.bundle_of(first) {
        lifecycle::reschedule(scene.city, scene.state, number, scene.now);
    }
    first
}

/// The first part of the partner's own bundle.
///
/// # Errors
/// 404.
fn own(scene: &Scene<'_>, id: &BundleId) -> Result<Number, Refusal> {
    let first = id.first().and_then(|first| scene.space.number_of(&first));
    let own = first.filter(|number| {
        let entry = scene.state.docket.get(*number);
        entry.is_some_and(|entry| {
            entry.partner == scene.partner
                && entry
                    .bundle
                    .as_ref()
                    .is_some_and(|part| part.first == *number)
        })
    });
    own.ok_or_else(|| Refusal::at_parameter(ProblemCode::BundleNotFound, "bundle_id"))
}

fn shown(scene: &Scene<'_>, first: Number) -> Bundle {
    let docket = &scene.state.docket;
    let statuses: Vec<Status> = docket.together_with(first).map(Entry::status).collect();
    let parts = docket.bundle_of(first);
    Bundle {
        bundle_id: BundleId::of_first(&scene.space.application_id(first)),
        status: status(&statuses).into(),
        parts: parts
            .map(|number| view::application(scene, number, &docket[number]))
            .collect(),
    }
}

/// 办理状态 of the whole.
fn status(parts: &[Status]) -> BundleStatus {
    let all = |status: fn(Status) -> bool| parts.iter().all(|part| status(*part));
    if parts.contains(&Status::SupplementRequired) {
        BundleStatus::SupplementRequired
    } else if all(|part| part == Status::Received) {
        BundleStatus::Received
    } else if all(|part| part == Status::Completed) {
        BundleStatus::Completed
    } else if !all(Status::is_terminal) {
        BundleStatus::InProgress
    } else if parts.contains(&Status::Completed) {
        BundleStatus::PartlyCompleted
    } else {
        BundleStatus::NotCompleted
    }
}
