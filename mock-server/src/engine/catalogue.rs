//! 测试车辆目录: synthetic vehicles and people, one for each thing that can go wrong.
//!
//! They are ordinary records: no rule knows a VIN or a name, and any flag can be set on any vehicle
//! by command. People live in county 370399, which nobody has.

use jiff::{
    ToSpan,
    civil::{Date, date},
};
use lingminban::{
    api::{
        ApplicationStatus as Status, FilingRequest, FindingCode, Lookup, Operation, OutletKind,
        ProblemCode, Service, TemporaryPlateCase,
        control::{Catalogue, CatalogueItem, CatalogueRequest, Expectation},
        operation::Example,
    },
    codes::{PlateKind, UseCharacter, VehicleStatusFlag as Flag, VehicleType},
    for_each_filing,
    identifiers::{IdentifierError, IdentityNumber, PlateNumber, ResidentId, Vin},
    inspection, services,
};
use serde_json::{Value, json};

use super::register::{
    BaseRegister, GivenUp, IssuedTemporaryPlate, Mortgage, PersonRecord, Registration, Sale,
    VehicleRecord,
};
use crate::rules::standing;

/// One thing that can go wrong, or right.
struct Case {
    name: &'static str,
    about: &'static str,
    service: Service,
    /// The example of the document that its body is made of, by place.
    example: usize,
    /// Whose outlet files it, where it is not the first kind that has the service.
    outlet: Option<OutletKind>,
    /// Whether the vehicle is not registered yet.
    new_vehicle: bool,
    /// What differs from a clean vehicle.
    vehicle: fn(&mut VehicleRecord),
    /// The same of the owner's other vehicle, where there is one.
    other: fn(&mut VehicleRecord),
    /// What is on record of the people.
    people: fn(&mut People),
    /// What differs from the standard body.
    body: fn(&mut Value),
    expect: Expect,
}

/// What a case leads to.
enum Expect {
    /// Filed; it comes to rest in this state, with this finding.
    Rests(Status, Option<FindingCode>),
    /// Not filed, for this finding.
    Wrong(FindingCode),
    /// Not filed, for this reason.
    Refused(ProblemCode),
}

/// People of one case.
struct People {
    owner: PersonRecord,
    agent: PersonRecord,
    /// A number that the owner gave up with the car before.
    gave_up: Option<&'static str>,
}

const CLEAN: Case = Case {
    name: "",
    about: "",
    service: Service::Transfer,
    example: 0,
    outlet: None,
    new_vehicle: false,
    vehicle: |_| {},
    other: |_| {},
    people: |_| {},
    body: |_| {},
    expect: Expect::Rests(Status::Completed, None),
};

const REGISTRATION: Case = Case {
    service: Service::Registration,
    new_vehicle: true,
    ..CLEAN
};

const MOVE_IN: Case = Case {
    service: Service::MoveIn,
    vehicle: registered_elsewhere,
    ..CLEAN
};

const CONTACT_CHANGE: Case = Case {
    service: Service::ContactChange,
    ..CLEAN
};

const DEREGISTRATION: Case = Case {
    service: Service::Deregistration,
    ..CLEAN
};

const PLATE_REPLACEMENT: Case = Case {
    service: Service::PlateReplacement,
    ..CLEAN
};

fn flagged(vehicle: &mut VehicleRecord, flag: Flag) {
    vehicle.flags.insert(flag);
}

const fn refused(code: FindingCode) -> Expect {
    Expect::Rests(Status::Refused, Some(code))
}

const CASES: &[Case] = &[
    Case {
        name: "standard",
        about: "无异常的在用车，过户顺利办结 · A clean car; the transfer goes through",
        ..CLEAN
    },
    Case {
        name: "stolen",
        about: "被盗抢车辆 · Stolen",
        vehicle: |vehicle| flagged(vehicle, Flag::Stolen),
        expect: refused(FindingCode::StolenOrDefrauded),
        ..CLEAN
    },
    Case {
        name: "sealed",
        about: "被法院查封 · Sealed by a court",
        vehicle: |vehicle| flagged(vehicle, Flag::Sealed),
        expect: refused(FindingCode::SealedOrDetained),
        ..CLEAN
    },
    Case {
        name: "detained",
        about: "被行政机关扣留 · Detained by an authority",
        vehicle: |vehicle| flagged(vehicle, Flag::Detained),
        expect: refused(FindingCode::SealedOrDetained),
        ..CLEAN
    },
    Case {
        name: "stolen_and_violations",
        about: "状态为集合：被盗抢且有违法未处理，一次告知全部 · Status is a set: every ground is told at once",
        vehicle: |vehicle| {
            flagged(vehicle, Flag::Stolen);
            flagged(vehicle, Flag::ViolationPending);
        },
        expect: refused(FindingCode::OpenViolations),
        ..CLEAN
    },
    Case {
        name: "mortgaged_without_consent",
        about: "已抵押，缺抵押权人同意 · Mortgaged; the mortgagee's consent is missing",
        vehicle: mortgaged,
        expect: refused(FindingCode::MortgageeConsentMissing),
        ..CLEAN
    },
    Case {
        name: "mortgaged_with_consent",
        about: "已抵押，三方共同申请 · Mortgaged; all three parties apply together",
        vehicle: mortgaged,
        body: |body| body["mortgagee_consent"] = consent(MORTGAGEE),
        ..CLEAN
    },
    Case {
        name: "mortgaged_to_another",
        about: "同意书的抵押权人与登记不符 · The consent is not the mortgagee's on record",
        vehicle: mortgaged,
        body: |body| body["mortgagee_consent"] = consent("91370399MA7QAB120J"),
        expect: refused(FindingCode::MortgageeMismatch),
        ..CLEAN
    },
    Case {
        name: "open_violations",
        about: "有违法未处理 · Violations not settled",
        vehicle: |vehicle| flagged(vehicle, Flag::ViolationPending),
        expect: refused(FindingCode::OpenViolations),
        ..CLEAN
    },
    Case {
        name: "open_accident",
        about: "有事故未处理 · An accident not settled",
        vehicle: |vehicle| flagged(vehicle, Flag::AccidentPending),
        expect: refused(FindingCode::OpenAccident),
        ..CLEAN
    },
    Case {
        name: "customs",
        about: "海关监管车辆 · Under customs supervision",
        vehicle: |vehicle| flagged(vehicle, Flag::CustomsSupervised),
        expect: refused(FindingCode::CustomsSupervised),
        ..CLEAN
    },
    Case {
        name: "near_scrapping",
        about: "距报废期限一年以内 · Within one year of its scrap date",
        vehicle: |vehicle| {
            with_registration(vehicle, |it| it.scrap_due_on = Some(date(2026, 9, 30)))
        },
        expect: refused(FindingCode::WithinOneYearOfScrap),
        ..CLEAN
    },
    Case {
        name: "scrap_standard_reached",
        about: "达到强制报废标准 · Scrap standard reached",
        vehicle: |vehicle| flagged(vehicle, Flag::ScrapAnnounced),
        expect: refused(FindingCode::ScrapStandardReached),
        ..CLEAN
    },
    Case {
        name: "deregistered",
        about: "已注销 · Deregistered",
        vehicle: |vehicle| flagged(vehicle, Flag::Deregistered),
        expect: refused(FindingCode::DeregisteredOrMovedOut),
        ..CLEAN
    },
    Case {
        name: "suspect",
        about: "嫌疑车辆，转人工调查，不会自动通过 · Suspect; an officer investigates, it never passes by itself",
        vehicle: |vehicle| flagged(vehicle, Flag::Suspect),
        expect: Expect::Rests(Status::InReview, Some(FindingCode::UnderInvestigation)),
        ..CLEAN
    },
    Case {
        name: "inspection_overdue",
        about: "逾期未检验：须提交检验合格证明 · Inspection overdue: a passed inspection is asked for",
        vehicle: |vehicle| {
            flagged(vehicle, Flag::InspectionOverdue);
            with_registration(vehicle, |it| it.inspection_due_on = date(2025, 11, 30));
        },
        expect: Expect::Rests(Status::Received, None),
        ..CLEAN
    },
    Case {
        name: "insurance_ended",
        about: "逾期未检验且交强险已到期：两项材料 · Inspection overdue and insurance ended: two materials",
        vehicle: |vehicle| {
            flagged(vehicle, Flag::InspectionOverdue);
            with_registration(vehicle, |it| {
                it.inspection_due_on = date(2025, 11, 30);
                it.insured_until = Some(date(2025, 11, 9));
            });
        },
        expect: Expect::Rests(Status::Received, None),
        ..CLEAN
    },
    Case {
        name: "third_sale_of_the_year",
        about: "卖方本年度已出售两辆持有不足一年的车 · The seller has sold two cars held for under a year",
        vehicle: |vehicle| with_registration(vehicle, |it| it.acquired_on = date(2025, 10, 8)),
        people: |people| {
            people.owner.sales = vec![
                Sale {
                    sold_on: date(2026, 1, 12),
                    acquired_on: date(2025, 6, 3),
                },
                Sale {
                    sold_on: date(2026, 2, 3),
                    acquired_on: date(2025, 9, 22),
                },
            ];
        },
        expect: refused(FindingCode::ThreeSalesInYear),
        ..CLEAN
    },
    Case {
        name: "buyer_elsewhere",
        about: "买方身份证地址和居住证均不在本市 · Neither the buyer's address nor a residence permit is here",
        body: |body| body["buyer"]["address"]["region_code"] = json!("370102"),
        expect: Expect::Wrong(FindingCode::BuyerAddressElsewhere),
        ..CLEAN
    },
    Case {
        name: "buyer_with_residence_permit",
        about: "买方外地户籍，持本市居住证 · The buyer is from elsewhere and has a residence permit here",
        body: |body| {
            body["buyer"]["address"]["region_code"] = json!("370102");
            body["buyer"]["address"]["residence_permit_region_code"] = json!("370303");
        },
        ..CLEAN
    },
    Case {
        name: "buyer_is_seller",
        about: "买卖双方为同一人 · Buyer and seller are one person",
        body: |body| body["buyer"] = body["seller"].clone(),
        expect: Expect::Wrong(FindingCode::BuyerIsSeller),
        ..CLEAN
    },
    Case {
        name: "certificate_mismatch",
        about: "登记证书编号与档案不符 · The certificate number is not the one on record",
        body: |body| body["registration_certificate_number"] = json!("370399999999"),
        expect: refused(FindingCode::RecordMismatch),
        ..CLEAN
    },
    Case {
        name: "light_truck",
        about: "轻型货车，未委托网点办理 · A light truck; not entrusted to outlets",
        vehicle: |vehicle| {
            vehicle.vehicle_type = VehicleType::H31;
            vehicle.use_character = UseCharacter::Freight;
        },
        expect: Expect::Refused(ProblemCode::VehicleClassNotEntrusted),
        ..CLEAN
    },
    Case {
        name: "agent_barred",
        about: "代理人因提供虚假材料被限制申请 · The agent is barred for false papers",
        people: |people| people.agent.barred_until = Some(date(2026, 12, 31)),
        body: |body| body["agent"] = agent(),
        expect: Expect::Rests(Status::NotAccepted, Some(FindingCode::ApplicantBarred)),
        ..CLEAN
    },
    Case {
        name: "new_stolen",
        about: "新车被盗抢 · A new car, stolen",
        vehicle: |vehicle| flagged(vehicle, Flag::Stolen),
        expect: refused(FindingCode::StolenOrDefrauded),
        ..REGISTRATION
    },
    Case {
        name: "new_sealed",
        about: "新车被查封 · A new car, sealed",
        vehicle: |vehicle| flagged(vehicle, Flag::Sealed),
        expect: refused(FindingCode::SealedOrDetained),
        ..REGISTRATION
    },
    Case {
        name: "new_origin_altered",
        about: "来历证明被涂改 · The proof of origin was altered",
        vehicle: |vehicle| vehicle.defects.origin_altered = true,
        expect: refused(FindingCode::OriginAltered),
        ..REGISTRATION
    },
    Case {
        name: "new_model_not_announced",
        about: "型号未列入公告 · The model is not in the announcement",
        vehicle: |vehicle| vehicle.defects.model_not_announced = true,
        expect: refused(FindingCode::ModelNotAnnounced),
        ..REGISTRATION
    },
    Case {
        name: "new_below_standard",
        about: "技术数据不符合国家标准 · Technical data fall short of the standard",
        vehicle: |vehicle| vehicle.defects.below_standard = true,
        expect: refused(FindingCode::BelowStandard),
        ..REGISTRATION
    },
    Case {
        name: "new_tax_not_found",
        about: "查不到购置税信息：须提交完税证明 · No purchase tax data: the certificate is asked for",
        vehicle: |vehicle| vehicle.silent_lookups.insert(Lookup::PurchaseTaxData),
        expect: Expect::Rests(Status::Received, None),
        ..REGISTRATION
    },
    Case {
        name: "new_lookups_down",
        about: "全部数据查询中断：每项材料都要提交 · No lookup answers: every material is asked for",
        vehicle: |vehicle| vehicle.silent_lookups = Lookup::ALL.iter().copied().collect(),
        expect: Expect::Rests(Status::Received, None),
        ..REGISTRATION
    },
    Case {
        name: "new_owner_barred",
        about: "申请人被限制申请 · The applicant is barred",
        people: |people| people.owner.barred_until = Some(date(2026, 12, 31)),
        expect: Expect::Rests(Status::NotAccepted, Some(FindingCode::ApplicantBarred)),
        ..REGISTRATION
    },
    Case {
        name: "new_insurance_expired",
        about: "交强险已到期 · The insurance has ended",
        body: |body| {
            body["compulsory_insurance"]["valid_from"] = json!("2025-02-01");
            body["compulsory_insurance"]["valid_until"] = json!("2026-01-31");
        },
        expect: Expect::Wrong(FindingCode::InsuranceExpired),
        ..REGISTRATION
    },
    Case {
        name: "new_vin_mismatch",
        about: "保单与车辆识别代号不符 · The policy is another vehicle's",
        body: |body| body["compulsory_insurance"]["vin"] = json!("LFPH3ACC2M1A00123"),
        expect: Expect::Wrong(FindingCode::VinMismatch),
        ..REGISTRATION
    },
    Case {
        name: "new_import_without_proof",
        about: "进口车缺进口凭证 · An imported car without its import proof",
        body: |body| body["vehicle"]["origin"] = json!("imported"),
        expect: Expect::Wrong(FindingCode::ImportProofMissing),
        ..REGISTRATION
    },
    Case {
        name: "new_plate_taken",
        about: "自编号码已被使用 · The number composed is taken",
        // The stolen car's number: its transfer is refused, so whatever was filed before, the number
        // is not free.
        body: |body| {
            body["plate_choice"] = json!({"method": "self_composed", "plate_number": "鲁C90001"});
        },
        expect: Expect::Wrong(FindingCode::PlateTaken),
        ..REGISTRATION
    },
    Case {
        name: "new_bus",
        about: "大型客车，未委托网点办理 · A large bus; not entrusted to outlets",
        body: |body| {
            body["vehicle"]["vehicle_type"] = json!("K11");
            body["vehicle"]["seats"] = json!(45);
        },
        expect: Expect::Refused(ProblemCode::VehicleClassNotEntrusted),
        ..REGISTRATION
    },
    Case {
        name: "new_electric",
        about: "纯电动小型车，核发新能源号牌 · An electric car; gets a new-energy plate",
        body: |body| {
            body["vehicle"]["fuel"] = json!("electric");
            if let Some(vehicle) = body["vehicle"].as_object_mut() {
                vehicle.remove("displacement_ml");
            }
        },
        ..REGISTRATION
    },
    Case {
        name: "contact_changed",
        about: "联系方式变更，仅凭身份证明 · New contact details on the proof of identity alone",
        ..CONTACT_CHANGE
    },
    Case {
        name: "contact_changed_sealed",
        about: "查封车辆的所有人照常变更联系方式 · A seal does not keep the owner from new contact details",
        vehicle: |vehicle| flagged(vehicle, Flag::Sealed),
        ..CONTACT_CHANGE
    },
    Case {
        name: "name_unchanged",
        about: "变更后的姓名与变更前相同 · The new name is the old one",
        service: Service::OwnerNameChange,
        body: |body| body["new_name"] = body["owner"]["name"].clone(),
        expect: Expect::Wrong(FindingCode::NothingChanges),
        ..CLEAN
    },
    Case {
        name: "scrapped_with_violations",
        about: "报废车有违法未处理，不影响注销 · Violations do not keep a scrapped car registered",
        vehicle: |vehicle| flagged(vehicle, Flag::ViolationPending),
        ..DEREGISTRATION
    },
    Case {
        name: "abroad_with_violations",
        about: "出境前须处理完违法 · Violations are settled before a car goes abroad",
        vehicle: |vehicle| flagged(vehicle, Flag::ViolationPending),
        body: |body| body["cause"] = json!("taken_abroad"),
        expect: refused(FindingCode::OpenViolations),
        ..DEREGISTRATION
    },
    Case {
        name: "scrapped_mortgaged",
        about: "抵押期间不予注销 · A mortgaged car is not deregistered",
        vehicle: mortgaged,
        expect: refused(FindingCode::MortgagedOrPledged),
        ..DEREGISTRATION
    },
    Case {
        name: "lost_with_agent",
        about: "灭失注销须本人办理 · Whose car is lost comes in person",
        body: |body| {
            body["cause"] = json!("lost");
            body["agent"] = agent();
        },
        expect: Expect::Wrong(FindingCode::AgentNotAllowed),
        ..DEREGISTRATION
    },
    Case {
        name: "plates_lost",
        about: "号牌丢失，凭身份证明补领 · Plates that were lost, on the proof of identity alone",
        ..PLATE_REPLACEMENT
    },
    Case {
        name: "plates_lost_with_violations",
        about: "有违法未处理，不影响补领号牌 · Violations do not stand in the way of new plates",
        vehicle: |vehicle| flagged(vehicle, Flag::ViolationPending),
        ..PLATE_REPLACEMENT
    },
    Case {
        name: "certificate_lost_mortgaged",
        about: "抵押期间补领登记证书，缺抵押权人 · A mortgaged car's certificate, without the mortgagee",
        service: Service::RegistrationCertificateReplacement,
        vehicle: mortgaged,
        expect: refused(FindingCode::MortgageeConsentMissing),
        ..CLEAN
    },
    Case {
        name: "mark_lost_uninsured",
        about: "交强险已到期，不予补领检验合格标志 · No mark is issued again without insurance",
        service: Service::InspectionMarkReplacement,
        vehicle: |vehicle| {
            with_registration(vehicle, |it| it.insured_until = Some(date(2026, 3, 1)))
        },
        expect: refused(FindingCode::InsuranceNotInForce),
        ..CLEAN
    },
];

const LOAN: Case = Case {
    service: Service::Mortgage,
    ..CLEAN
};

const RELEASE: Case = Case {
    service: Service::MortgageRelease,
    vehicle: mortgaged,
    ..CLEAN
};

/// Those of lenders.
const CASES_OF_LENDERS: &[Case] = &[
    Case {
        name: "mortgage_release",
        about: "贷款结清，银行解除抵押 · The loan is paid off; the bank releases the mortgage",
        ..RELEASE
    },
    Case {
        name: "pledge_release",
        about: "还款后解除质押 · The loan is paid back; the pledge is released",
        service: Service::PledgeRelease,
        vehicle: pledged,
        ..CLEAN
    },
    Case {
        name: "mortgage",
        about: "购车贷款，办理抵押 · A car loan; the car is mortgaged",
        ..LOAN
    },
    Case {
        name: "pledge",
        about: "质押备案 · A pledge is filed",
        service: Service::Pledge,
        ..CLEAN
    },
    Case {
        name: "mortgage_with_violations",
        about: "有违法未处理，不影响抵押 · Violations not settled do not stand in a mortgage's way",
        vehicle: |vehicle| flagged(vehicle, Flag::ViolationPending),
        ..LOAN
    },
    Case {
        name: "mortgage_of_sealed",
        about: "被查封，不予抵押 · Sealed; not mortgaged",
        vehicle: |vehicle| flagged(vehicle, Flag::Sealed),
        expect: refused(FindingCode::SealedOrDetained),
        ..LOAN
    },
    Case {
        name: "mortgage_under_customs",
        about: "海关监管，不予抵押 · Under customs supervision; not mortgaged",
        vehicle: |vehicle| flagged(vehicle, Flag::CustomsSupervised),
        expect: refused(FindingCode::CustomsSupervised),
        ..LOAN
    },
    Case {
        name: "second_mortgage_without_consent",
        about: "已抵押给他人，缺在先抵押权人同意 · Mortgaged to another, whose consent is missing",
        vehicle: mortgaged,
        body: |body| body["mortgagee"]["credit_code"] = json!(ANOTHER_LENDER),
        expect: refused(FindingCode::MortgageeConsentMissing),
        ..LOAN
    },
    Case {
        name: "second_mortgage_with_consent",
        about: "已抵押给他人，在先抵押权人同意 · Mortgaged to another, who consents",
        vehicle: mortgaged,
        body: |body| {
            body["mortgagee"]["credit_code"] = json!(ANOTHER_LENDER);
            body["earlier_lender_consent"] =
                json!({ "credit_code": MORTGAGEE, "signed_on": "2026-03-01" });
        },
        ..LOAN
    },
    Case {
        name: "mortgaged_twice",
        about: "同一合同已办理抵押 · The contract's mortgage is on record already",
        vehicle: mortgaged,
        expect: refused(FindingCode::AlreadyMortgaged),
        ..LOAN
    },
    Case {
        name: "mortgage_unsigned",
        about: "抵押权人未电子签名 · The lender has not signed",
        body: |body| {
            if let Some(signatures) = body["signatures"].as_object_mut() {
                signatures.remove("lender");
            }
        },
        expect: Expect::Wrong(FindingCode::SignatureMissing),
        ..LOAN
    },
    Case {
        name: "release_of_nothing",
        about: "未抵押，无须解除 · Not mortgaged; there is nothing to release",
        vehicle: |_| {},
        expect: refused(FindingCode::NotMortgaged),
        ..RELEASE
    },
    Case {
        name: "release_by_another",
        about: "申请解除的不是登记的抵押权人 · The lender is not the one on record",
        body: |body| body["mortgagee"]["credit_code"] = json!(ANOTHER_LENDER),
        expect: refused(FindingCode::MortgageeMismatch),
        ..RELEASE
    },
    Case {
        name: "release_of_another_contract",
        about: "合同编号与登记不符 · The contract is not the one on record",
        body: |body| body["contract_number"] = json!("DY-2026-0002"),
        expect: refused(FindingCode::ContractMismatch),
        ..RELEASE
    },
    Case {
        name: "release_of_stolen",
        about: "被盗抢，不予解除抵押 · Stolen; nothing is released",
        vehicle: |vehicle| {
            mortgaged(vehicle);
            flagged(vehicle, Flag::Stolen);
        },
        expect: refused(FindingCode::StolenOrDefrauded),
        ..RELEASE
    },
    Case {
        name: "release_in_stock",
        about: "企业库存车解除抵押，号牌种类填41，不填号码 · A car in a dealer's stock, named by plate kind 41 without a number",
        vehicle: |vehicle| {
            mortgaged(vehicle);
            in_stock(vehicle);
        },
        body: |body| {
            body["owner"] = dealer(DEALERS[0]);
            unplated(body);
        },
        ..RELEASE
    },
];

const INSPECTION_MARK: Case = Case {
    service: Service::InspectionMark,
    vehicle: due_for_test,
    ..CLEAN
};

const EXEMPT_MARK: Case = Case {
    service: Service::ExemptMark,
    vehicle: due_for_mark,
    ..CLEAN
};

/// Those of inspection marks.
const CASES_OF_MARKS: &[Case] = &[
    Case {
        name: "inspection_mark",
        about: "已检验合格，申领检验合格标志 · Has passed its test; the mark is issued",
        vehicle: |vehicle| {
            due_for_test(vehicle);
            vehicle.passed_on = Some(AS_OF);
        },
        ..INSPECTION_MARK
    },
    Case {
        name: "exempt_mark",
        about: "六年内免检，申领标志 · Exempt from the test for six years; the mark is issued",
        ..EXEMPT_MARK
    },
    Case {
        name: "inspection_due",
        about: "检验到期，可预约检验；未检验先申领标志，须提交检验合格证明 · Due for its test, ready to be booked; without a passed test its certificate is asked for",
        expect: Expect::Rests(Status::Received, None),
        ..INSPECTION_MARK
    },
    Case {
        name: "inspection_not_due_yet",
        about: "未到检验期前三个月 · More than three months before its date",
        vehicle: |_| {},
        expect: refused(FindingCode::InspectionWindowNotOpen),
        ..EXEMPT_MARK
    },
    Case {
        name: "exempt_mark_but_test_due",
        about: "本期须上线检验，不能申领免检标志 · This time the test is due; no mark without it",
        vehicle: due_for_test,
        expect: refused(FindingCode::TestRequired),
        ..EXEMPT_MARK
    },
    Case {
        name: "exempt_mark_of_van",
        about: "面包车不免检 · A van is never exempt",
        vehicle: |vehicle| {
            due_for_mark(vehicle);
            vehicle.vehicle_type = VehicleType::K39;
        },
        expect: refused(FindingCode::TestRequired),
        ..EXEMPT_MARK
    },
    Case {
        name: "exempt_mark_with_violations",
        about: "有违法未处理，不予核发标志 · Violations not settled; no mark",
        vehicle: |vehicle| {
            due_for_mark(vehicle);
            flagged(vehicle, Flag::ViolationPending);
        },
        expect: refused(FindingCode::OpenViolations),
        ..EXEMPT_MARK
    },
    Case {
        name: "exempt_mark_uninsured",
        about: "交强险已到期，须提交新保单 · Its insurance has ended; the new policy is asked for",
        vehicle: |vehicle| {
            due_for_mark(vehicle);
            with_registration(vehicle, |it| it.insured_until = Some(date(2026, 2, 14)));
        },
        expect: Expect::Rests(Status::Received, None),
        ..EXEMPT_MARK
    },
    Case {
        name: "exempt_mark_overdue",
        about: "逾期未申领标志，可补办 · Its mark is overdue, and issued all the same",
        vehicle: |vehicle| in_traffic(vehicle, date(2024, 1, 15), date(2026, 1, 31)),
        ..EXEMPT_MARK
    },
    Case {
        name: "three_cycles_missed",
        about: "连续三个检验周期未取得标志，达到强制报废标准 · No mark for three cycles in a row: it must be scrapped",
        vehicle: |vehicle| {
            in_traffic(vehicle, date(2012, 5, 20), date(2022, 5, 31));
            vehicle.passed_on = Some(AS_OF);
        },
        expect: refused(FindingCode::ScrapStandardReached),
        ..INSPECTION_MARK
    },
];

/// Every six years a car is tested, within the window that is open when a space begins.
fn due_for_test(vehicle: &mut VehicleRecord) {
    in_traffic(vehicle, date(2020, 4, 15), date(2026, 4, 30));
}

/// Two years after its registration its mark alone is due.
fn due_for_mark(vehicle: &mut VehicleRecord) {
    in_traffic(vehicle, date(2024, 4, 15), date(2026, 4, 30));
}

/// Registered on a day, with that date on its papers.
fn in_traffic(vehicle: &mut VehicleRecord, first_registered_on: Date, due_on: Date) {
    vehicle.manufactured_on = Some(first_registered_on.saturating_sub(2.months()));
    with_registration(vehicle, |it| {
        it.first_registered_on = first_registered_on;
        it.acquired_on = first_registered_on;
        it.inspection_due_on = due_on;
    });
}

/// The cases in groups, each with the number of its first vehicle: the document's examples name some by
/// it, so a group that grows moves no other.
const GROUPS: &[(usize, &[Case])] = &[
    (0, CASES),
    (100, CASES_OF_LENDERS),
    (200, CASES_OF_MARKS),
    (300, CASES_OF_PLATES),
    (350, CASES_OF_MOTORCYCLES),
    (400, CASES_OF_CHANGES),
    (500, CASES_OF_TRANSFERS),
];

const TEMPORARY_PLATE: Case = Case {
    service: Service::TemporaryPlate,
    new_vehicle: true,
    ..CLEAN
};

const MOVING_OUT: Case = Case {
    service: Service::TemporaryPlate,
    example: 1,
    outlet: Some(OutletKind::PostOffice),
    vehicle: moved_out,
    ..CLEAN
};

const EXCHANGE: Case = Case {
    service: Service::PlateExchange,
    ..CLEAN
};

/// Those of plates, numbered apart as well.
const CASES_OF_PLATES: &[Case] = &[
    Case {
        name: "temporary_plate",
        about: "购车后尚未注册登记，申领临时行驶车号牌 · A new car's temporary plate before its registration",
        ..TEMPORARY_PLATE
    },
    Case {
        name: "temporary_plates_used_up",
        about: "已核发三次临时行驶车号牌 · The owner has had three temporary plates for it",
        vehicle: |vehicle| had_plates(vehicle, TemporaryPlateCase::AcquiredUnregistered, 3),
        expect: refused(FindingCode::TemporaryPlatesUsedUp),
        ..TEMPORARY_PLATE
    },
    Case {
        name: "temporary_plate_too_long",
        about: "申请有效期超过三十日 · Asked for more than 30 days",
        body: |body| body["valid_until"] = json!("2026-04-02"),
        expect: Expect::Wrong(FindingCode::TemporaryPlateTooLong),
        ..TEMPORARY_PLATE
    },
    Case {
        name: "temporary_plate_beyond_insurance",
        about: "申请有效期超过交强险有效期 · Asked for longer than the insurance holds",
        body: |body| body["compulsory_insurance"]["valid_until"] = json!("2026-03-20"),
        expect: Expect::Wrong(FindingCode::TemporaryPlateBeyondInsurance),
        ..TEMPORARY_PLATE
    },
    Case {
        name: "temporary_plate_of_stolen",
        about: "新车被盗抢，不予核发 · A new car, stolen; no temporary plate",
        vehicle: |vehicle| flagged(vehicle, Flag::Stolen),
        expect: refused(FindingCode::StolenOrDefrauded),
        ..TEMPORARY_PLATE
    },
    Case {
        name: "temporary_plate_for_research",
        about: "科研试验：须提交书面申请和检验证明 · For research: the request in writing and a test are asked for",
        body: |body| of_case(body, "research_test"),
        expect: Expect::Rests(Status::Received, None),
        ..TEMPORARY_PLATE
    },
    Case {
        name: "temporary_plate_moving_out",
        about: "已转出，凭临时行驶车号牌驶往转入地 · Moved out; drives to its new city on a temporary plate",
        ..MOVING_OUT
    },
    Case {
        name: "temporary_plate_uninsured",
        about: "交强险已到期，不予核发 · The insurance has ended; no temporary plate",
        vehicle: |vehicle| {
            moved_out(vehicle);
            with_registration(vehicle, |it| it.insured_until = Some(date(2026, 3, 1)));
        },
        expect: refused(FindingCode::InsuranceNotInForce),
        ..MOVING_OUT
    },
    Case {
        name: "plates_exchanged",
        about: "同一所有人的两辆车互换号牌 · Two cars of one owner exchange their numbers",
        ..EXCHANGE
    },
    Case {
        name: "exchanged_within_year",
        about: "另一辆车一年内已互换过号牌 · The other car's number was exchanged less than a year ago",
        other: |vehicle| {
            with_registration(vehicle, |it| it.last_exchanged_on = Some(date(2025, 9, 1)))
        },
        expect: refused(FindingCode::ExchangedWithinYear),
        ..EXCHANGE
    },
    Case {
        name: "exchange_with_violations",
        about: "另一辆车有违法未处理 · The other car's violations are not settled",
        other: |vehicle| flagged(vehicle, Flag::ViolationPending),
        expect: refused(FindingCode::OpenViolations),
        ..EXCHANGE
    },
    Case {
        name: "exchange_with_another_s",
        about: "另一辆车属于他人 · The other car is somebody else's",
        other: |vehicle| {
            if let Ok(owner) = AGENT.parse() {
                with_registration(vehicle, |it| it.owner_identity = owner);
            }
        },
        expect: refused(FindingCode::OwnersDiffer),
        ..EXCHANGE
    },
    Case {
        name: "exchange_with_itself",
        about: "两处填写同一辆车 · Both are the same car",
        body: |body| body["other"]["vehicle"] = body["vehicle"].clone(),
        expect: Expect::Wrong(FindingCode::ExchangeWithItself),
        ..EXCHANGE
    },
    Case {
        name: "temporary_plate_not_moving_out",
        about: "未转出，不能申领转出本市的临时行驶车号牌 · Has not moved out; no temporary plate for leaving",
        vehicle: |_| {},
        expect: refused(FindingCode::NotMovingOut),
        ..MOVING_OUT
    },
];

fn moved_out(vehicle: &mut VehicleRecord) {
    flagged(vehicle, Flag::TransferredOut);
}

/// Registered by a seller.
const MOTORCYCLE: Case = Case {
    example: 2,
    outlet: Some(OutletKind::MotorcycleDealer),
    ..REGISTRATION
};

/// On record, and handled at the base.
const MOTORCYCLE_ON_RECORD: Case = Case {
    outlet: Some(OutletKind::TownshipSquadron),
    vehicle: motorcycle,
    body: at_the_base,
    ..CLEAN
};

/// Those of motorcycles, numbered apart as well.
const CASES_OF_MOTORCYCLES: &[Case] = &[
    Case {
        name: "motorcycle",
        about: "摩托车带牌销售 · A motorcycle, sold with its plates",
        ..MOTORCYCLE
    },
    Case {
        name: "motorcycle_of_three",
        about: "二轮摩托车核定载客三人 · A motorcycle with two wheels and three seats",
        body: |body| body["vehicle"]["seats"] = json!(3),
        expect: Expect::Wrong(FindingCode::SeatsNotOfClass),
        ..MOTORCYCLE
    },
    Case {
        name: "motorcycle_taxed",
        about: "排量超过150毫升且查不到购置税：须提交完税证明 · More than 150 ml and no tax data: the certificate is asked for",
        vehicle: |vehicle| vehicle.silent_lookups.insert(Lookup::PurchaseTaxData),
        body: |body| body["vehicle"]["displacement_ml"] = json!(249),
        expect: Expect::Rests(Status::Received, None),
        ..MOTORCYCLE
    },
    Case {
        name: "car_at_the_motorcycle_seller",
        about: "摩托车销售企业不办理汽车 · A seller of motorcycles registers no cars",
        body: |body| body["vehicle"]["vehicle_type"] = json!("K33"),
        expect: Expect::Refused(ProblemCode::VehicleClassNotEntrusted),
        ..MOTORCYCLE
    },
    Case {
        name: "motorcycle_sold_on",
        about: "摩托车在乡镇中队过户 · A motorcycle's transfer at a squadron",
        ..MOTORCYCLE_ON_RECORD
    },
    Case {
        name: "motorcycle_plates_lost",
        about: "摩托车在乡镇中队补领号牌 · A motorcycle's plates, lost; a squadron issues them again",
        service: Service::PlateReplacement,
        ..MOTORCYCLE_ON_RECORD
    },
    Case {
        name: "motorcycle_at_the_market",
        about: "市场不办理摩托车过户 · A market transfers no motorcycles",
        outlet: None,
        body: |body| body["vehicle"]["plate_kind"] = json!("07"),
        expect: Expect::Refused(ProblemCode::VehicleClassNotEntrusted),
        ..MOTORCYCLE_ON_RECORD
    },
];

fn motorcycle(vehicle: &mut VehicleRecord) {
    vehicle.vehicle_type = VehicleType::M21;
    vehicle.seats = 2;
    with_registration(vehicle, |it| it.plate_kind = PlateKind::Motorcycle);
}

fn at_the_base(body: &mut Value) {
    body["operator_id"] = json!("zb-squadron-001-op1");
    body["vehicle"]["plate_kind"] = json!("07");
}

/// Temporary plates that its owner has had for it.
fn had_plates(vehicle: &mut VehicleRecord, case: TemporaryPlateCase, times: u32) {
    // Whose they were is said where the owner is known.
    let Ok(owner) = AGENT.parse() else { return };
    let plates = (1..=times).map(|nth| IssuedTemporaryPlate {
        plate_number: format!("鲁C临9{nth:05}"),
        case,
        owner,
        valid_from: date(2025, 11, 3),
        valid_until: date(2025, 12, 3),
        nth,
    });
    vehicle.temporary_plates.extend(plates);
}

/// The body of a case that takes neither origin proof nor certificate.
fn of_case(body: &mut Value, case: &str) {
    body["case"] = json!(case);
    if let Some(body) = body.as_object_mut() {
        body.remove("origin_proof");
        body.remove("conformity_certificate");
    }
}

/// Transfers that are not within the city, or are no sale. Numbered apart like those of lenders.
const CASES_OF_TRANSFERS: &[Case] = &[
    Case {
        name: "outbound",
        about: "卖给外地买方，车辆转出，发临时号牌 · Sold to a buyer elsewhere; it leaves with a temporary plate",
        body: outbound,
        ..CLEAN
    },
    Case {
        name: "inbound",
        about: "外地车卖给本市买方，转入并核发鲁C号牌 · Registered elsewhere, sold to a buyer here; gets a 鲁C plate",
        vehicle: registered_elsewhere,
        body: inbound,
        ..CLEAN
    },
    Case {
        name: "third_place",
        about: "外地车卖给外地买方，不得在第三地办理 · Registered elsewhere, sold to a buyer elsewhere: a third place",
        vehicle: registered_elsewhere,
        body: |body| {
            body["transfer_kind"] = json!("inbound");
            body["buyer"]["address"]["region_code"] = json!("370102");
        },
        expect: Expect::Wrong(FindingCode::ThirdPlaceTransfer),
        ..CLEAN
    },
    Case {
        name: "inbound_not_said",
        about: "外地车转入，未写明 transfer_kind · Registered elsewhere, filed as a local transfer",
        vehicle: registered_elsewhere,
        expect: Expect::Wrong(FindingCode::TransferKindMismatch),
        ..CLEAN
    },
    Case {
        name: "outbound_with_violations",
        about: "转出前须处理完违法 · Violations are settled before a car leaves the city",
        vehicle: |vehicle| flagged(vehicle, Flag::ViolationPending),
        body: outbound,
        expect: refused(FindingCode::OpenViolations),
        ..CLEAN
    },
    Case {
        name: "inbound_archive_missing",
        about: "转入车辆的电子档案未到：须提交档案 · Registered elsewhere, its electronic archive has not come",
        vehicle: |vehicle| {
            registered_elsewhere(vehicle);
            vehicle.silent_lookups.insert(Lookup::VehicleRegister);
        },
        body: inbound,
        expect: Expect::Rests(Status::Received, None),
        ..CLEAN
    },
    Case {
        name: "contact_changed_elsewhere",
        about: "外地登记的车辆不能在本市变更备案 · Registered elsewhere; not this office's to change",
        vehicle: registered_elsewhere,
        expect: refused(FindingCode::RegisteredElsewhere),
        ..CONTACT_CHANGE
    },
    Case {
        name: "court_judgment",
        about: "法院判决，登记证书未交付：须提交判决书和协助执行通知书 · A court's judgment, no certificate: judgment and notice of enforcement are asked for",
        body: |body| {
            awarded(body);
            remove(body, "registration_certificate_number");
        },
        expect: Expect::Rests(Status::Received, None),
        ..CLEAN
    },
    Case {
        name: "court_without_notice",
        about: "法院判决，没有登记证书也没有协助执行通知书 · A court's judgment, neither certificate nor notice of enforcement",
        body: |body| {
            awarded(body);
            let document = &mut body["transfer_proof"]["court_document"];
            remove(document, "enforcement_notice_number");
            remove(body, "registration_certificate_number");
        },
        expect: Expect::Wrong(FindingCode::CertificateNotNamed),
        ..CLEAN
    },
    Case {
        name: "inheritance",
        about: "继承，凭公证书：须提交公证书 · Inherited by a notarial deed, which is asked for",
        body: inherited,
        expect: Expect::Rests(Status::Received, None),
        ..CLEAN
    },
    Case {
        name: "gift_with_invoice",
        about: "赠予却填发票 · A gift, with an invoice in the place of a deed",
        body: |body| body["transfer_proof"]["acquisition"] = json!("gift"),
        expect: Expect::Wrong(FindingCode::ProofNotOfAcquisition),
        ..CLEAN
    },
    Case {
        name: "dealer_stock",
        about: "备案企业反向开票收购，单独签注待销售，收回号牌 · A filed dealer buys with its own invoice and holds the car for sale, without plates",
        body: |body| into_stock(body, DEALERS[0]),
        ..CLEAN
    },
    Case {
        name: "from_stock",
        about: "企业库存二手车售出，核发号牌 · A dealer sells a car out of its stock; it gets a plate",
        vehicle: in_stock,
        body: |body| {
            body["seller"] = dealer(DEALERS[0]);
            unplated(body);
        },
        ..CLEAN
    },
    Case {
        name: "spouse",
        about: "夫妻间转让保留号码：须提交结婚证 · Between spouses, who keep the number: the marriage certificate is asked for",
        body: |body| {
            body["spouse"] = json!({
                "marriage_certificate_number": "J370399-2020-000001",
                "married_on": "2020-05-20",
            });
            remove(body, "plate_choice");
        },
        expect: Expect::Rests(Status::Received, None),
        ..CLEAN
    },
    Case {
        name: "dealer_not_filed",
        about: "收购企业不在备案名单 · The dealer that buys is not on the list",
        body: |body| into_stock(body, ANOTHER_LENDER),
        expect: refused(FindingCode::DealerNotFiled),
        ..CLEAN
    },
    Case {
        name: "stock_from_organisation",
        about: "向单位收购，不能反向开票 · Bought from an organisation, which a dealer's own invoice does not do for",
        body: |body| {
            into_stock(body, DEALERS[0]);
            body["seller"]["kind"] = json!("organisation");
            body["seller"]["identity_number"] = json!(MORTGAGEE);
        },
        expect: Expect::Wrong(FindingCode::SellerNotNaturalPerson),
        ..CLEAN
    },
    Case {
        name: "old_number",
        about: "新车使用本人一年前卖车时交回的原号码 · A new car under the number that its owner gave up not long ago",
        people: |people| people.gave_up = Some("鲁C6H516"),
        body: |body| {
            body["plate_choice"] = json!({ "method": "reuse", "plate_number": "鲁C6H516" });
        },
        ..REGISTRATION
    },
    Case {
        name: "old_number_of_nobody",
        about: "申请的号码不是本人交回的 · The number is none that the owner has given up",
        body: |body| {
            body["plate_choice"] = json!({ "method": "reuse", "plate_number": "鲁C6H517" });
        },
        expect: Expect::Wrong(FindingCode::OldNumberNotOnRecord),
        ..REGISTRATION
    },
    Case {
        name: "number_kept_for_another",
        about: "自编的号码两年内为原车主保留 · The number composed is kept for who had it last",
        people: |people| people.gave_up = Some("鲁C6H518"),
        body: |body| {
            body["owner"]["identity_number"] = json!("370399199003070016");
            body["plate_choice"] = json!({ "method": "self_composed", "plate_number": "鲁C6H518" });
        },
        expect: Expect::Wrong(FindingCode::PlateTaken),
        ..REGISTRATION
    },
    Case {
        name: "move_in",
        about: "车主迁入本市，换发鲁C号牌 · The owner has moved here; the car gets a 鲁C plate",
        ..MOVE_IN
    },
    Case {
        name: "move_in_with_violations",
        about: "迁入前须处理完违法 · Violations are settled before a car moves in",
        vehicle: |vehicle| {
            registered_elsewhere(vehicle);
            flagged(vehicle, Flag::ViolationPending);
        },
        expect: refused(FindingCode::OpenViolations),
        ..MOVE_IN
    },
    Case {
        name: "move_in_overdue",
        about: "迁入车辆逾期未检验：须提交检验合格证明 · Moves in with its inspection overdue: a passed inspection is asked for",
        vehicle: |vehicle| {
            registered_elsewhere(vehicle);
            with_registration(vehicle, |it| it.inspection_due_on = date(2025, 11, 30));
        },
        expect: Expect::Rests(Status::Received, None),
        ..MOVE_IN
    },
    Case {
        name: "move_in_mortgaged",
        about: "抵押车辆迁入，缺抵押权人 · A mortgaged car moves in without its mortgagee",
        vehicle: |vehicle| {
            registered_elsewhere(vehicle);
            mortgaged(vehicle);
        },
        expect: refused(FindingCode::MortgageeConsentMissing),
        ..MOVE_IN
    },
    Case {
        name: "move_in_owner_elsewhere",
        about: "车主住所不在本市，不能迁入 · Its owner does not live here; it cannot move in",
        body: |body| body["owner"]["address"]["region_code"] = json!("370102"),
        expect: Expect::Wrong(FindingCode::OwnerAddressElsewhere),
        ..MOVE_IN
    },
    Case {
        name: "move_in_of_local",
        about: "本市车辆无须迁入 · Registered here already",
        vehicle: |_| {},
        expect: Expect::Wrong(FindingCode::RegisteredHere),
        ..MOVE_IN
    },
];

const ADDRESS_CHANGE: Case = Case {
    service: Service::AddressChange,
    ..CLEAN
};

const ALTERATION: Case = Case {
    service: Service::Alteration,
    ..CLEAN
};

const CO_OWNER_CHANGE: Case = Case {
    service: Service::CoOwnerChange,
    ..CLEAN
};

/// Those of what changes in a registration beside its owner's name and telephone.
const CASES_OF_CHANGES: &[Case] = &[
    Case {
        name: "address_changed",
        about: "市内搬家，住所变更备案 · A move within the city",
        ..ADDRESS_CHANGE
    },
    Case {
        name: "address_elsewhere",
        about: "搬到外市，须办理迁出 · A move to another city; the vehicle moves too",
        body: |body| body["new_address"]["region_code"] = json!("370102"),
        expect: Expect::Wrong(FindingCode::AddressOutsideCity),
        ..ADDRESS_CHANGE
    },
    Case {
        name: "address_of_stolen",
        about: "被盗抢车辆，一切业务暂停 · Stolen; every business stops",
        vehicle: |vehicle| flagged(vehicle, Flag::Stolen),
        expect: refused(FindingCode::StolenOrDefrauded),
        ..ADDRESS_CHANGE
    },
    Case {
        name: "colour_changed",
        about: "改变车身颜色 · Another colour",
        ..ALTERATION
    },
    Case {
        name: "engine_replaced",
        about: "更换发动机：须提交安全技术检验合格证明 · Another engine: a safety inspection is asked for",
        body: |body| body["altered"] = json!({ "engine_number": "EA211-0002" }),
        expect: Expect::Rests(Status::Received, None),
        ..ALTERATION
    },
    Case {
        name: "nothing_altered",
        about: "未填写变更事项 · Nothing is said to be altered",
        body: |body| body["altered"] = json!({}),
        expect: Expect::Wrong(FindingCode::NothingAltered),
        ..ALTERATION
    },
    Case {
        name: "alteration_of_sealed",
        about: "被查封，不予变更登记 · Sealed; not altered",
        vehicle: |vehicle| flagged(vehicle, Flag::Sealed),
        expect: refused(FindingCode::SealedOrDetained),
        ..ALTERATION
    },
    Case {
        name: "spouses_changed",
        about: "夫妻间变更所有人，保留原号码 · Between spouses; the old number stays",
        ..CO_OWNER_CHANGE
    },
    Case {
        name: "co_owners_with_violations",
        about: "有违法未处理，不影响共同所有人变更 · Violations do not stand in a co-owner's way",
        vehicle: |vehicle| flagged(vehicle, Flag::ViolationPending),
        ..CO_OWNER_CHANGE
    },
    Case {
        name: "newly_married",
        about: "婚姻关系不满一年，不能保留原号码 · Married for less than a year; the number is not kept",
        body: |body| body["co_ownership_proof"]["issued_on"] = json!("2025-05-20"),
        expect: Expect::Wrong(FindingCode::NumberNotKept),
        ..CO_OWNER_CHANGE
    },
    Case {
        name: "co_owners_of_mortgaged",
        about: "已抵押，缺抵押权人共同申请 · Mortgaged; the mortgagee does not apply with them",
        vehicle: mortgaged,
        expect: refused(FindingCode::MortgageeConsentMissing),
        ..CO_OWNER_CHANGE
    },
    Case {
        name: "identity_number_changed",
        about: "身份证明号码变更备案 · An owner with another identity number",
        service: Service::IdentityChange,
        ..CLEAN
    },
    Case {
        name: "name_corrected",
        about: "登记的姓名有误，予以更正 · A name entered wrongly is put right",
        service: Service::Correction,
        ..CLEAN
    },
    Case {
        name: "nothing_corrected",
        about: "未填写须更正的内容 · Nothing is said to be wrong",
        service: Service::Correction,
        body: |body| body["corrected"] = json!({}),
        expect: Expect::Wrong(FindingCode::NothingCorrected),
        ..CLEAN
    },
];

/// Every case with its number.
fn cases() -> impl Iterator<Item = (usize, &'static Case)> {
    let numbered = |(first, cases): (usize, &'static [Case])| {
        let cases = cases.iter().enumerate();
        cases.map(move |(number, case)| (first + number, case))
    };
    GROUPS.iter().copied().flat_map(numbered)
}

/// Registered in Beijing, under the number that it would have here.
fn registered_elsewhere(vehicle: &mut VehicleRecord) {
    with_registration(vehicle, |it| {
        let number = it.plate_number.as_str().replacen("鲁C", "京A", 1);
        it.plate_number = number.parse().unwrap_or(it.plate_number);
        it.elsewhere = true;
    });
}

/// 备案二手车经营主体: dealers on the list.
const DEALERS: [&str; 3] = [
    "91370399MA00A0028W",
    "91370399MA00A0036P",
    "91370399MA00A0044J",
];

const DEALER_NAME: &str = "示例二手车经销有限公司";

fn dealer(credit_code: &str) -> Value {
    json!({
        "kind": "organisation",
        "name": DEALER_NAME,
        "identity_number": credit_code,
        "mobile_number": "13700000008",
        "address": { "region_code": "370303", "detail": "张店区样本路8号" },
    })
}

/// Held for sale by the first dealer on the list.
fn in_stock(vehicle: &mut VehicleRecord) {
    with_registration(vehicle, |it| {
        if let (Ok(identity), Ok(name)) = (DEALERS[0].parse(), DEALER_NAME.parse()) {
            it.owner_identity = identity;
            it.owner_name = name;
            it.acquired_on = date(2026, 2, 1);
            it.in_stock = true;
        }
    });
}

/// Names a vehicle that bears no plates.
fn unplated(body: &mut Value) {
    body["vehicle"]["plate_kind"] = json!("41");
    remove(&mut body["vehicle"], "plate_number");
}

fn into_stock(body: &mut Value, credit_code: &str) {
    body["buyer"] = dealer(credit_code);
    body["into_stock"] = json!(true);
    body["transfer_proof"]["reverse_invoice"] = json!(true);
    body["transfer_proof"]["invoice"]["issuer"] = json!(DEALER_NAME);
    remove(body, "plate_choice");
}

fn remove(value: &mut Value, member: &str) {
    if let Some(members) = value.as_object_mut() {
        members.remove(member);
    }
}

/// By a court's judgment, whose enforcement the owner resists.
fn awarded(body: &mut Value) {
    body["transfer_proof"] = json!({
        "acquisition": "court_judgment",
        "court_document": {
            "issuer": "示例区人民法院",
            "number": "(2026)鲁0399民初1号",
            "effective_on": "2026-02-10",
            "enforcement_notice_number": "(2026)鲁0399执协1号",
        },
        "delivered_on": "2026-03-01",
    });
}

fn inherited(body: &mut Value) {
    body["transfer_proof"] = json!({
        "acquisition": "inheritance",
        "deed": {
            "issuer": "示例市公证处",
            "number": "(2026)鲁示证字第1号",
            "issued_on": "2026-02-20",
        },
        "delivered_on": "2026-03-01",
    });
}

/// The buyer is from Jinan, and the city gives no number.
fn outbound(body: &mut Value) {
    body["transfer_kind"] = json!("outbound");
    body["buyer"]["address"]["region_code"] = json!("370102");
    body["buyer"]["address"]["detail"] = json!("历下区测试路1号");
    remove(body, "plate_choice");
}

fn inbound(body: &mut Value) {
    body["transfer_kind"] = json!("inbound");
}

const MORTGAGEE: &str = "91370399MA3TEA0100";

/// The lender of nobody on record.
const ANOTHER_LENDER: &str = "91370399MA7QAB120J";

fn mortgaged(vehicle: &mut VehicleRecord) {
    with_registration(vehicle, |it| it.mortgages.extend(loan(false)));
}

fn pledged(vehicle: &mut VehicleRecord) {
    with_registration(vehicle, |it| it.mortgages.extend(loan(true)));
}

/// The mortgage or the pledge that the document's examples release.
fn loan(pledged: bool) -> Option<Mortgage> {
    let contract_number = if pledged {
        "ZY-2026-0001"
    } else {
        "DY-2026-0001"
    };
    Some(Mortgage {
        lender: MORTGAGEE.parse().ok()?,
        lender_name: Some("示例银行股份有限公司淄博分行".parse().ok()?),
        contract_number: Some(contract_number.parse().ok()?),
        registered_on: Some(date(2025, 11, 10)),
        pledged,
    })
}

fn with_registration(vehicle: &mut VehicleRecord, change: impl Fn(&mut Registration)) {
    if let Some(registration) = &mut vehicle.registration {
        change(registration);
    }
}

fn consent(credit_code: &str) -> Value {
    json!({
        "mortgagee_name": "示例银行股份有限公司淄博分行",
        "mortgagee_credit_code": credit_code,
        "contract_number": "DY-2026-0009",
        "signed_on": "2026-03-01",
    })
}

fn agent() -> Value {
    json!({
        "name": "赵代办",
        "identity_number": AGENT,
        "mobile_number": "13700000003",
        "power_of_attorney_until": "2026-12-31",
    })
}

/// Everybody's agent in the catalogue.
const AGENT: &str = "370399198506150013";

/// What every fresh space has on record.
#[must_use]
pub fn base_register() -> BaseRegister {
    let mut register = BaseRegister::default();
    for (number, case) in cases() {
        // The tables are constant and tested: what does not parse would be missed there.
        let Ok(subject) = Subject::new(number, case) else {
            continue;
        };
        let mut people = People {
            owner: PersonRecord::default(),
            agent: PersonRecord::default(),
            gave_up: None,
        };
        (case.people)(&mut people);
        if let Some(number) = people.gave_up.and_then(|number| number.parse().ok()) {
            let given_up = GivenUp {
                owner: subject.owner.into(),
                // The car before is not on record any more.
                vin: subject.record.vin,
                used_since: date(2022, 11, 10),
                given_up_on: date(2025, 12, 1),
            };
            register.put_given_up((PlateKind::SmallVehicle, number), given_up);
        }
        if people.owner != PersonRecord::default() {
            register.put_person(subject.owner.into(), people.owner);
        }
        if people.agent != PersonRecord::default()
            && let Ok(agent) = AGENT.parse()
        {
            register.put_person(agent, people.agent);
        }
        if let Ok(Some(other)) = subject.other(number, case) {
            register.put_vehicle(other);
        }
        register.put_vehicle(subject.record);
    }
    for dealer in DEALERS.iter().filter_map(|dealer| dealer.parse().ok()) {
        let filed = PersonRecord {
            filed_dealer: true,
            ..PersonRecord::default()
        };
        register.put_person(dealer, filed);
    }
    register
}

/// 测试车辆目录, as it is served.
#[must_use]
pub fn catalogue() -> Catalogue {
    let subjects = cases().filter_map(|(number, case)| {
        let subject = Subject::new(number, case).ok()?;
        let other = subject.other(number, case).ok()?;
        Some(item(case, &subject, other.as_ref()))
    });
    Catalogue {
        items: subjects.collect(),
    }
}

/// The vehicle and the owner of one case.
struct Subject {
    record: VehicleRecord,
    owner: ResidentId,
    owner_name: &'static str,
}

/// The date on which the records are made up: the day before a space's first.
const AS_OF: Date = date(2026, 3, 1);

impl Subject {
    fn new(number: usize, case: &Case) -> Result<Self, IdentifierError> {
        // The first is the one of the document's example.
        let (vin, owner, owner_name, plate) = if number == 0 {
            (
                "LGXC16AF7N0000037".parse()?,
                "370399198802290029".parse()?,
                "李样本",
                "鲁C8K9M2".parse()?,
            )
        } else {
            (
                numbered_vin(number)?,
                ResidentId::with_check_symbol(&format!("37039919800101{number:03}"))?,
                "孙示例",
                numbered_plate(number)?,
            )
        };
        let mut record = if case.new_vehicle {
            unregistered(vin)
        } else {
            registered(vin, number, plate, owner, owner_name)?
        };
        (case.vehicle)(&mut record);
        for plate in &mut record.temporary_plates {
            plate.owner = owner.into();
        }
        Ok(Self {
            record,
            owner,
            owner_name,
        })
    }
}

impl Subject {
    /// The owner's other vehicle, where there is one: of an exchange, and of the document's.
    fn other(&self, number: usize, case: &Case) -> Result<Option<VehicleRecord>, IdentifierError> {
        if number != 0 && case.service != Service::PlateExchange {
            return Ok(None);
        }
        let number = number + BEYOND_THE_FIRST;
        let mut record = registered(
            numbered_vin(number)?,
            number,
            numbered_plate(number)?,
            self.owner,
            self.owner_name,
        )?;
        (case.other)(&mut record);
        Ok(Some(record))
    }
}

/// How far behind a case's vehicle its owner's other one is numbered.
const BEYOND_THE_FIRST: usize = 600;

fn numbered_vin(number: usize) -> Result<Vin, IdentifierError> {
    Vin::with_check_digit(&format!("LZZTEST10N1{:06}", 900_000 + number))
}

fn numbered_plate(number: usize) -> Result<PlateNumber, IdentifierError> {
    format!("鲁C9{number:04}").parse()
}

/// A clean car that was made in 2022.
fn unregistered(vin: Vin) -> VehicleRecord {
    VehicleRecord {
        manufactured_on: Some(date(2022, 9, 1)),
        ..VehicleRecord::unregistered(vin)
    }
}

/// The same, registered.
fn registered(
    vin: Vin,
    number: usize,
    plate_number: PlateNumber,
    owner: ResidentId,
    owner_name: &str,
) -> Result<VehicleRecord, IdentifierError> {
    let record = unregistered(vin);
    let first_registered_on = date(2022, 11, 10);
    let profile = record.profile(first_registered_on);
    let due = inspection::next_due(&profile, AS_OF, &inspection::Parameters::default());
    Ok(VehicleRecord {
        registration: Some(Registration {
            plate_kind: PlateKind::SmallVehicle,
            plate_number,
            certificate_number: format!("3703990{:05}", 37 + number).parse()?,
            owner_name: owner_name.parse()?,
            owner_identity: IdentityNumber::from(owner),
            first_registered_on,
            acquired_on: first_registered_on,
            numbered_on: None,
            mortgages: Vec::new(),
            insured_until: Some(date(2026, 11, 9)),
            inspection_due_on: due.map_or(AS_OF, |due| due.due_on),
            scrap_due_on: None,
            last_exchanged_on: None,
            elsewhere: false,
            in_stock: false,
        }),
        ..record
    })
}

macro_rules! operations_of {
    ($($operation:ty, $request:ty, $chinese:literal, $submit:ident, $validate:ident;)+) => {
        /// The operation that files a service: its id and the bodies that show it.
        fn filed_with(service: Service) -> (&'static str, &'static [Example]) {
            let operations = [$(
                (<$request>::SERVICE, <$operation>::ID, <$operation>::EXAMPLES)
            ),+];
            let found = operations.into_iter().find(|(filed, ..)| *filed == service);
            found.map_or(("", &[]), |(_, id, examples)| (id, examples))
        }
    };
}
for_each_filing!(operations_of);

fn item(case: &Case, subject: &Subject, other: Option<&VehicleRecord>) -> CatalogueItem {
    let registration = subject.record.registration.as_ref();
    let plate = registration.map(Registration::plate_shown);
    let (operation, _) = filed_with(case.service);
    let first = || services::rule(case.service).outlet_kinds().next();
    let entrusted = case.outlet.or_else(first);
    CatalogueItem {
        name: case.name.to_owned(),
        about: case.about.to_owned(),
        vin: subject.record.vin,
        plate_kind: plate.map(|(kind, _)| kind.into()),
        plate_number: plate.and_then(|(_, number)| number),
        requests: vec![CatalogueRequest {
            operation: operation.to_owned(),
            outlet_kind: entrusted.unwrap_or(OutletKind::Other).into(),
            body: body(case, subject, other),
            expect: expectation(case.service, &case.expect),
        }],
    }
}

/// The standard body with the case's vehicle, its owner, and what the case changes.
fn body(case: &Case, subject: &Subject, other: Option<&VehicleRecord>) -> Value {
    let (_, examples) = filed_with(case.service);
    let owner = match case.service {
        Service::Transfer => "seller",
        _ => "owner",
    };
    let mut body: Value = examples
        .get(case.example)
        .and_then(|example| serde_json::from_str(example.json).ok())
        .unwrap_or_default();
    put_vin(&mut body, subject.record.vin);
    body["partner_reference"] = json!(format!("CATALOGUE-{}", case.name));
    body[owner]["identity_number"] = json!(subject.owner.as_str());
    body[owner]["name"] = json!(subject.owner_name);
    if let Some(registration) = &subject.record.registration {
        body["vehicle"]["plate_number"] = json!(registration.plate_number);
        // Not every service asks for it.
        if let Some(number) = body.get_mut("registration_certificate_number") {
            *number = json!(registration.certificate_number);
        }
    }
    let other = other.and_then(|other| Some((other.vin, other.registration.as_ref()?)));
    if let (Some(named), Some((vin, registration))) = (body.get_mut("other"), other) {
        named["vehicle"]["vin"] = json!(vin);
        named["vehicle"]["plate_number"] = json!(registration.plate_number);
        named["registration_certificate_number"] = json!(registration.certificate_number);
    }
    (case.body)(&mut body);
    body
}

/// Every member named `vin` is the same vehicle.
fn put_vin(value: &mut Value, vin: Vin) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                if name == "vin" {
                    *member = json!(vin);
                } else {
                    put_vin(member, vin);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| put_vin(item, vin)),
        _ => {}
    }
}

fn expectation(service: Service, expect: &Expect) -> Expectation {
    match expect {
        Expect::Rests(status, code) => Expectation {
            http_status: 201,
            application_status: Some((*status).into()),
            code: code.map(|code| code.to_string()),
            rule: code.map(|code| standing::rule(service, code).to_owned()),
        },
        Expect::Wrong(code) => Expectation {
            http_status: ProblemCode::ValidationFailed.status().as_u16(),
            application_status: None,
            code: Some(code.to_string()),
            rule: Some(standing::rule(service, *code).to_owned()),
        },
        Expect::Refused(code) => Expectation {
            http_status: code.status().as_u16(),
            application_status: None,
            code: Some(code.to_string()),
            rule: Some(services::ENTRUSTMENT_RULE.to_owned()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_readmes_list_every_case() {
        let catalogue = catalogue();
        assert_eq!(
            catalogue.items.len(),
            cases().count(),
            "a case that does not parse"
        );
        for (readme, language) in [
            (include_str!("../../../README.md"), 1),
            (include_str!("../../../README.zh-CN.md"), 0),
        ] {
            let mut lacking = Vec::new();
            for item in &catalogue.items {
                let expect = &item.requests[0].expect;
                let about = item.about.split(" · ").nth(language).unwrap_or(&item.about);
                let plate = item
                    .plate_number
                    .as_ref()
                    .map_or("—", |number| number.as_str());
                let rests = expect
                    .application_status
                    .as_ref()
                    .map(|status| format!(" → `{status}`"))
                    .unwrap_or_default();
                let code = expect
                    .code
                    .as_ref()
                    .map(|code| format!("`{code}`"))
                    .unwrap_or_default();
                let row = format!(
                    "| `{}` | {about} | `{}` | {plate} | {}{rests} | {code} |",
                    item.name,
                    item.vin.as_str(),
                    expect.http_status,
                );
                if !readme.contains(&row) {
                    lacking.push(row);
                }
            }
            let lacking = lacking.join("\n");
            assert!(
                lacking.is_empty(),
                "the README lacks these rows:\n{lacking}"
            );
        }
    }
}
