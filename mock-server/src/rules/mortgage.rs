//! 抵押登记、质押备案 and their release (R164 Art 31–36).

use jiff::civil::Date;
use lingminban::{
    api::{
        CourtDocument, EarlierLenderConsent, ElectronicSignature, Fen, FindingCode, Lender,
        MortgageReleaseRequest, MortgageRequest, MortgageeAgreement, MortgageeConsent,
        PledgeReleaseRequest, PledgeRequest, SecuredContract, ShortText, Signatures,
    },
    identifiers::SocialCreditCode,
    moment::Moment,
};
use serde_json::Value;

use super::{on_record::OwnersRequest, papers, situation::Situation};
use crate::engine::{
    Fault,
    docket::Ground,
    filing::{Field, Filing},
    register::{Mortgage, Registration, VehicleRecord},
    world::date_of,
};

/// An application that owner and lender make together.
pub trait LendersRequest: OwnersRequest {
    /// 质押: whether it is about a pledge.
    const PLEDGED: bool;

    /// 抵押权人、质权人.
    fn lender(&self) -> &Lender;

    /// Where the lender's name and credit code stand.
    const LENDER_AT: [&'static str; 2];

    /// 双方电子签名.
    fn signatures(&self) -> &Signatures;

    /// What is asked for.
    fn demand(&self) -> Demand<'_>;
}

/// What owner and lender ask for.
pub enum Demand<'a> {
    /// 设定.
    Set {
        /// 合同.
        contract: &'a SecuredContract,
        /// 在先抵押权人同意.
        consent: Option<&'a EarlierLenderConsent>,
    },
    /// 解除.
    Release {
        /// 合同编号.
        contract: &'a ShortText,
        /// 法律文书 in the place of one party.
        court: Option<&'a CourtDocument>,
    },
}

macro_rules! lenders_request {
    ($request:ty, $pledged:literal, $lender:ident, $demand:ident) => {
        impl LendersRequest for $request {
            const PLEDGED: bool = $pledged;

            const LENDER_AT: [&'static str; 2] = [
                concat!("/", stringify!($lender), "/name"),
                concat!("/", stringify!($lender), "/credit_code"),
            ];

            fn lender(&self) -> &Lender {
                &self.$lender
            }

            fn signatures(&self) -> &Signatures {
                &self.signatures
            }

            fn demand(&self) -> Demand<'_> {
                lenders_request!(@ $demand self)
            }
        }
    };
    (@ set $request:ident) => {
        Demand::Set {
            contract: &$request.contract,
            consent: $request.earlier_lender_consent.as_ref(),
        }
    };
    (@ release $request:ident) => {
        Demand::Release {
            contract: &$request.contract_number,
            court: $request.court_document.as_ref(),
        }
    };
}
lenders_request!(MortgageRequest, false, mortgagee, set);
lenders_request!(MortgageReleaseRequest, false, mortgagee, release);
lenders_request!(PledgeRequest, true, pledgee, set);
lenders_request!(PledgeReleaseRequest, true, pledgee, release);

fn contract<R: LendersRequest>(request: &R) -> Option<&SecuredContract> {
    match request.demand() {
        Demand::Set { contract, .. } => Some(contract),
        Demand::Release { .. } => None,
    }
}

fn consent<R: LendersRequest>(request: &R) -> Option<&EarlierLenderConsent> {
    match request.demand() {
        Demand::Set { consent, .. } => consent,
        Demand::Release { .. } => None,
    }
}

fn court<R: LendersRequest>(request: &R) -> Option<&CourtDocument> {
    match request.demand() {
        Demand::Set { .. } => None,
        Demand::Release { court, .. } => court,
    }
}

/// Whether a court's document stands in the place of one party.
#[must_use]
pub fn is_decided_by_court<R: LendersRequest>(request: &R) -> bool {
    court(request).is_some()
}

/// What more than of every owner's application the submission alone shows to be wrong.
#[must_use]
pub fn examine<R: LendersRequest>(filing: &Filing<'_, R>, situation: &Situation<'_>) -> Vec<Fault> {
    let dates: [Field<R, Date>; 3] = [
        Field {
            pointer: "/contract/signed_on",
            read: |request| contract(request).map(|contract| &contract.signed_on),
        },
        Field {
            pointer: "/earlier_lender_consent/signed_on",
            read: |request| consent(request).map(|consent| &consent.signed_on),
        },
        Field {
            pointer: "/court_document/effective_on",
            read: |request| court(request).map(|document| &document.effective_on),
        },
    ];
    [
        papers::not_in_future(filing, situation.today, &dates),
        signatures(filing, situation),
        amount(filing),
        two_parties(filing),
    ]
    .concat()
}

/// The two signatures of a request: where each stands, and when it was given.
fn parties<R: LendersRequest>() -> [(Field<R, ElectronicSignature>, Field<R, Moment>); 2] {
    [
        (
            Field {
                pointer: "/signatures/owner",
                read: |request| request.signatures().owner.as_ref(),
            },
            Field {
                pointer: "/signatures/owner/signed_at",
                read: |request| Some(&request.signatures().owner.as_ref()?.signed_at),
            },
        ),
        (
            Field {
                pointer: "/signatures/lender",
                read: |request| request.signatures().lender.as_ref(),
            },
            Field {
                pointer: "/signatures/lender/signed_at",
                read: |request| Some(&request.signatures().lender.as_ref()?.signed_at),
            },
        ),
    ]
}

/// 共同申请 (R164 Art 31, 33, 34): each party has signed for itself, what was agreed before, and not in
/// times to come. A court's document takes the place of one party.
fn signatures<R: LendersRequest>(filing: &Filing<'_, R>, situation: &Situation<'_>) -> Vec<Fault> {
    let parties = parties::<R>();
    let mut faults = Vec::new();
    let missing = parties.map(|(signature, _)| !filing.has(signature));
    let one_is_enough = filing.has(Field {
        pointer: "/court_document",
        read: court::<R>,
    });
    let enough = one_is_enough && missing != [true; 2];
    // Where there is no room for signatures, that is the fault to tell.
    let undecided = match filing {
        Filing::Whole(_) => false,
        Filing::Parts { value, .. } => !value.pointer("/signatures").is_some_and(Value::is_object),
    };
    let agreed_on = filing.get(Field {
        pointer: "/contract/signed_on",
        read: |request: &R| contract(request).map(|contract| &contract.signed_on),
    });
    for ((signature, signed_at), missing) in parties.into_iter().zip(missing) {
        if missing && !enough && !undecided {
            let code = FindingCode::SignatureMissing;
            faults.push(Fault::finding(code, signature.pointer));
        }
        let Some(at) = filing.get(signed_at).map(|at| at.timestamp()) else {
            continue;
        };
        if at > situation.now {
            let code = FindingCode::DateInFuture;
            faults.push(Fault::finding(code, signed_at.pointer));
        } else if agreed_on.as_deref().is_some_and(|day| date_of(at) < *day) {
            let code = FindingCode::DatesOutOfOrder;
            faults.push(Fault::finding(code, signed_at.pointer));
        }
    }
    faults.extend(signed_twice(filing));
    faults
}

/// What one party signed the other has not.
fn signed_twice<R: LendersRequest>(filing: &Filing<'_, R>) -> Option<Fault> {
    let [owner, lender] = parties::<R>().map(|(signature, _)| filing.get(signature));
    let same = owner?.signature_id == lender?.signature_id;
    same.then(|| {
        let pointer = "/signatures/lender/signature_id";
        Fault::finding(FindingCode::SignatureRepeated, pointer)
    })
}

/// 抵押金额: nothing is mortgaged for nothing.
fn amount<R: LendersRequest>(filing: &Filing<'_, R>) -> Vec<Fault> {
    let field: Field<R, Fen> = Field {
        pointer: "/contract/amount_fen",
        read: |request| contract(request).map(|contract| &contract.amount_fen),
    };
    let nothing = filing.get(field).is_some_and(|amount| amount.get() == 0);
    nothing
        .then(|| Fault::finding(FindingCode::OutOfRange, field.pointer))
        .into_iter()
        .collect()
}

/// Nobody owes himself.
fn two_parties<R: LendersRequest>(filing: &Filing<'_, R>) -> Vec<Fault> {
    let [_, pointer] = R::LENDER_AT;
    let lender: Field<R, SocialCreditCode> = Field {
        pointer,
        read: |request| Some(&request.lender().credit_code),
    };
    let owner = filing.get(Field {
        pointer: "/owner/identity_number",
        read: |request: &R| Some(&request.owner().identity_number),
    });
    let owner = owner.as_deref().and_then(|owner| owner.as_organisation());
    let same = owner.is_some_and(|owner| filing.get(lender).as_deref() == Some(owner));
    same.then(|| Fault::finding(FindingCode::OwnerIsLender, pointer))
        .into_iter()
        .collect()
}

/// Grounds that lie in the mortgages on record.
#[must_use]
pub fn grounds<R: LendersRequest>(request: &R, registration: &Registration) -> Vec<Ground> {
    let found = match request.demand() {
        Demand::Set { contract, consent } => set(request, contract, consent, registration),
        Demand::Release { contract, .. } => release(request, contract, registration),
    };
    found.map(Ground::from).into_iter().collect()
}

/// One contract is registered once; where another lender came first, with that one's consent.
fn set<R: LendersRequest>(
    request: &R,
    contract: &SecuredContract,
    consent: Option<&EarlierLenderConsent>,
    registration: &Registration,
) -> Option<(&'static str, FindingCode)> {
    let code = request.lender().credit_code;
    let here = |mortgage: &Mortgage| is_of::<R>(mortgage, code, &contract.contract_number);
    if registration.mortgages.iter().any(here) {
        return Some(("/contract/contract_number", FindingCode::AlreadyMortgaged));
    }
    unheard(
        earlier(registration, code),
        consent.map(|consent| consent.credit_code),
        [
            "/earlier_lender_consent",
            "/earlier_lender_consent/credit_code",
        ],
    )
}

/// Whether one of the lenders is not heard. There is room for one, so with two of them one has to be
/// paid off first.
fn unheard<'a>(
    lenders: impl Iterator<Item = &'a Mortgage>,
    named: Option<SocialCreditCode>,
    [party_at, code_at]: [&'static str; 2],
) -> Option<(&'static str, FindingCode)> {
    let mut lenders = lenders.peekable();
    lenders.peek()?;
    match named {
        None => Some((party_at, FindingCode::MortgageeConsentMissing)),
        Some(named) if lenders.any(|mortgage| mortgage.lender != named) => {
            Some((code_at, FindingCode::MortgageeMismatch))
        }
        Some(_) => None,
    }
}

/// 抵押 (R164 Art 32): while the vehicle is mortgaged, its mortgagee applies too.
#[must_use]
pub fn agreed(
    agreement: Option<&MortgageeAgreement>,
    registration: &Registration,
) -> Option<Ground> {
    let at = [
        "/mortgagee_agreement",
        "/mortgagee_agreement/mortgagee_credit_code",
    ];
    let named = agreement.map(|agreement| agreement.mortgagee_credit_code);
    unheard(registration.mortgages.iter(), named, at).map(Ground::from)
}

/// The same of a transfer (R164 Art 26).
#[must_use]
pub fn consented(
    consent: Option<&MortgageeConsent>,
    registration: &Registration,
) -> Option<Ground> {
    let at = [
        "/mortgagee_consent",
        "/mortgagee_consent/mortgagee_credit_code",
    ];
    let named = consent.map(|consent| consent.mortgagee_credit_code);
    unheard(registration.mortgages.iter(), named, at).map(Ground::from)
}

/// What is released is on record, of this lender and this contract (R164 Art 33).
fn release<R: LendersRequest>(
    request: &R,
    contract: &ShortText,
    registration: &Registration,
) -> Option<(&'static str, FindingCode)> {
    let [name_at, code_at] = R::LENDER_AT;
    let contract_at = "/contract_number";
    let lender = request.lender();
    let of_kind = |mortgage: &&Mortgage| mortgage.pledged == R::PLEDGED;
    let mut of_kind = registration.mortgages.iter().filter(of_kind).peekable();
    if of_kind.peek().is_none() {
        return Some((contract_at, FindingCode::NotMortgaged));
    }
    let mut own = of_kind
        .filter(|mortgage| mortgage.lender == lender.credit_code)
        .peekable();
    if own.peek().is_none() {
        return Some((code_at, FindingCode::MortgageeMismatch));
    }
    let Some(mortgage) = own.find(|own| is_of::<R>(own, lender.credit_code, contract)) else {
        return Some((contract_at, FindingCode::ContractMismatch));
    };
    let renamed = mortgage
        .lender_name
        .as_ref()
        .is_some_and(|name| *name != lender.name);
    renamed.then_some((name_at, FindingCode::RecordMismatch))
}

/// Whether this is the one of the lender's contract; where no contract was kept, any will do.
fn is_of<R: LendersRequest>(
    mortgage: &Mortgage,
    lender: SocialCreditCode,
    contract: &ShortText,
) -> bool {
    let kept = mortgage.contract_number.as_ref();
    mortgage.pledged == R::PLEDGED
        && mortgage.lender == lender
        && kept.is_none_or(|kept| kept == contract)
}

/// 在先抵押: those of other lenders.
fn earlier(
    registration: &Registration,
    lender: SocialCreditCode,
) -> impl Iterator<Item = &Mortgage> {
    let mortgages = registration.mortgages.iter();
    mortgages.filter(move |mortgage| mortgage.lender != lender)
}

/// Whether another lender came first, whose consent is asked for.
#[must_use]
pub fn has_earlier<R: LendersRequest>(request: &R, vehicle: &VehicleRecord) -> bool {
    let lender = request.lender().credit_code;
    let registration = vehicle.registration.as_ref();
    registration.is_some_and(|registration| earlier(registration, lender).next().is_some())
}

/// The mortgages and pledges that are in force once the application is completed.
#[must_use]
pub fn afterwards<R: LendersRequest>(request: &R, registration: &Registration) -> Vec<Mortgage> {
    let mut mortgages = registration.mortgages.clone();
    let lender = request.lender();
    match request.demand() {
        Demand::Set { contract, .. } => mortgages.push(Mortgage {
            lender: lender.credit_code,
            lender_name: Some(lender.name.clone()),
            contract_number: Some(contract.contract_number.clone()),
            registered_on: None,
            pledged: R::PLEDGED,
        }),
        Demand::Release { contract, .. } => {
            let released = |mortgage: &Mortgage| is_of::<R>(mortgage, lender.credit_code, contract);
            if let Some(place) = mortgages.iter().position(released) {
                mortgages.remove(place);
            }
        }
    }
    mortgages
}

/// The one under which a mortgaged vehicle goes on to its buyer (R164 Art 26): a new contract in the
/// place of what there was. A lender on record goes on under the name on record. `None` for a vehicle
/// that is not mortgaged.
#[must_use]
pub fn anew(mortgages: &[Mortgage], consent: MortgageeConsent) -> Option<Mortgage> {
    let lender = consent.mortgagee_credit_code;
    let mut of_lender = mortgages.iter().filter(|known| known.lender == lender);
    let known_as = of_lender.find_map(|known| known.lender_name.clone());
    (!mortgages.is_empty()).then(|| Mortgage {
        lender,
        lender_name: known_as.or(Some(consent.mortgagee_name)),
        contract_number: Some(consent.contract_number),
        registered_on: None,
        pledged: mortgages.iter().all(|mortgage| mortgage.pledged),
    })
}
