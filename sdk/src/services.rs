//! 业务目录: every service with the law behind it, as data.
//!
//! The sandbox judges by this table, the document and `GET /v1/services` show it, and a partner's
//! program may ask it without a network. The regulation leaves to the authority's mandate which outlet
//! does what (R164 Art 69): kinds, classes and fees are this city's, as far as they are published, and
//! said to be parameters where they are not.

use crate::{
    api::{Lookup, MaterialKind, OutletKind, Service, TransferKind},
    codes::{UseCharacter, VehicleType},
    wire_enum::wire_enum,
};

/// 业务: one service and its rules.
#[derive(Clone, Copy, Debug)]
pub struct ServiceRule {
    /// 业务类型.
    pub service: Service,
    /// Its English name.
    pub english_name: &'static str,
    /// 依据: the articles that rule it.
    pub rule: &'static str,
    /// 委托: who may file it, and for which vehicles.
    pub mandates: &'static [Mandate],
    /// 所需材料, in the order in which they are asked for.
    pub materials: &'static [MaterialRule],
    /// 一证即办: whether the proof of identity alone is enough.
    pub id_only: IdOnly,
    /// 网上可办: whether the applicant may file by himself, in the authority's app (交管12123).
    pub online: bool,
    /// 代理: whether somebody else may come in the applicant's place (R164 Art 86).
    pub agent_allowed: bool,
    /// 办理期限 from acceptance, in working days.
    pub working_days: u32,
    /// 期限依据: the article behind `working_days`.
    pub limit_rule: &'static str,
    /// 工本费 in fen, of a small vehicle's plates, permit and certificate as far as they are issued anew.
    /// Customary figures (plates 100 yuan, permit 15, certificate 10), a parameter.
    pub fee_fen: u32,
}

/// 委托 of one service (R164 Art 69): kinds of outlets, and the vehicles for which they have it.
#[derive(Clone, Copy, Debug)]
pub struct Mandate {
    /// 网点类型: kinds that have the service without a grant of their own.
    ///
    /// The city's report has 25 services delegated to 35 township squadrons, beside 7 traffic stations,
    /// and does not list them: in which rows these two kinds stand is a parameter.
    pub outlet_kinds: &'static [OutletKind],
    /// 单独委托: kinds of which single outlets have been granted the service.
    pub granted_kinds: &'static [OutletKind],
    /// 车辆类型.
    pub vehicle_types: &'static [VehicleType],
    /// 使用性质.
    pub use_characters: &'static [UseCharacter],
    /// 工本费 in fen of these vehicles, where it is not that of small ones. Customary figures (a
    /// motorcycle's plates 70 yuan), a parameter.
    pub fee_fen: Option<u32>,
}

impl Mandate {
    /// For small cars that are not operated, as nearly every mandate is.
    const fn small_cars(outlet_kinds: &'static [OutletKind]) -> Self {
        Self {
            outlet_kinds,
            granted_kinds: &[],
            vehicle_types: SMALL_PASSENGER,
            use_characters: NOT_OPERATING,
            fee_fen: None,
        }
    }

    /// For motorcycles that are not operated.
    const fn motorcycles(outlet_kinds: &'static [OutletKind], fee_fen: Option<u32>) -> Self {
        Self {
            vehicle_types: MOTORCYCLES,
            fee_fen,
            ..Self::small_cars(outlet_kinds)
        }
    }

    /// Whether outlets of a kind have it, by their kind or by a grant.
    fn is_of(&self, kind: OutletKind) -> bool {
        self.outlet_kinds.contains(&kind) || self.granted_kinds.contains(&kind)
    }
}

/// 材料 of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaterialRule {
    /// 材料种类.
    pub kind: MaterialKind,
    /// 数据共享: the source that exempts it when it answers (R164 Art 4). Where it does not, the paper
    /// is asked for; nothing is waived silently.
    pub lookup: Option<Lookup>,
    /// When it is asked for.
    pub condition: MaterialCondition,
}

wire_enum! {
    /// 何时需要: when a service asks for a material.
    pub enum MaterialCondition {
        Always = "always", "一律";
        Agent = "agent", "由代理人办理";
        Domestic = "domestic", "国产车";
        Imported = "imported", "进口车";
        SafetyInspectionDue = "safety_inspection_due", "出厂或者进口超过两年，或者注册登记前发生事故";
        InspectionOverdue = "inspection_overdue", "超过检验有效期";
        Mortgaged = "mortgaged", "已办理抵押登记";
        ResidencePermit = "residence_permit", "住所以居住证为准";
        Scrapped = "scrapped", "报废注销";
        Lost = "lost", "灭失注销";
        TakenAbroad = "taken_abroad", "出境注销";
        ReturnedToMaker = "returned_to_maker", "退车注销";
        CustomsSupervised = "customs_supervised", "海关监管车辆";
        ConformityDue = "conformity_due", "国产车，未销售、尚未注册登记或者超限特型";
        ImportProofDue = "import_proof_due", "进口车，未销售、尚未注册登记或者超限特型";
        AcquiredUnregistered = "acquired_unregistered", "购买、调拨、赠予后尚未注册登记";
        NewExport = "new_export", "新车出口销售";
        ResearchTest = "research_test", "科研、定型试验";
        ConnectedTest = "connected_test", "智能网联汽车道路测试、示范应用";
        TestDrive = "test_drive", "科研、定型试验，或者智能网联汽车道路测试、示范应用";
        PurchaseTaxDue = "purchase_tax_due", "应缴车辆购置税（排气量一百五十毫升以下和电动的摩托车除外）";
        RegisteredElsewhere = "registered_elsewhere", "在外地登记的车辆";
        PapersInHand = "papers_in_hand", "没有协助执行通知书证明登记证书、行驶证未交付";
        EnforcementNotice = "enforcement_notice", "协助执行通知书证明登记证书、号牌、行驶证未交付";
        Spouse = "spouse", "夫妻间转让，保留号牌号码";
        EngineOrBodyReplaced = "engine_or_body_replaced", "更换发动机、车身或者车架";
        Spouses = "spouses", "夫妻共同所有";
        CoOwners = "co_owners", "非夫妻的共同所有";
        CourtDecision = "court_decision", "以法律文书代替一方申请";
    }
}

wire_enum! {
    /// 一证即办: whether the proof of identity alone is enough. The articles name some services; the
    /// city's list of 18 classes is not published, so of the others it is not known.
    pub enum IdOnly {
        Yes = "yes", "凭身份证明办理";
        No = "no", "还需其他材料";
        Unknown = "unknown", "未公布";
    }
}

/// 依据 of every entrustment.
pub const ENTRUSTMENT_RULE: &str = "R164 Art 69";

/// 五项免提交: the proofs that data sharing spares the citizen by the city's own list. The first two
/// are named by the city, the others are what the regulation has networked (R164 Art 12): parameters.
pub const NAMED_EXEMPTIONS: [MaterialKind; 5] = [
    MaterialKind::PurchaseTax,
    MaterialKind::VehicleTax,
    MaterialKind::CompulsoryInsurance,
    MaterialKind::SafetyInspection,
    MaterialKind::ResidencePermit,
];

/// 小微型载客汽车 without school buses. What a county office may not register (R164 Art 2:
/// school buses, medium and large passenger vehicles, dangerous goods) lies outside it, so the
/// list holds at every outlet of the city, whatever its district.
const SMALL_PASSENGER: &[VehicleType] = &[
    VehicleType::K31,
    VehicleType::K32,
    VehicleType::K33,
    VehicleType::K34,
    VehicleType::K39,
    VehicleType::K41,
    VehicleType::K42,
    VehicleType::K43,
    VehicleType::K49,
];

/// 摩托车.
const MOTORCYCLES: &[VehicleType] = &[
    VehicleType::M11,
    VehicleType::M12,
    VehicleType::M13,
    VehicleType::M14,
    VehicleType::M15,
    VehicleType::M21,
    VehicleType::M22,
];

/// 非营运, and what was converted to it. 营转非 and its like are non-operating now. That the mandate
/// takes them in is not written down anywhere; narrow a row where it does not.
const NOT_OPERATING: &[UseCharacter] = &[
    UseCharacter::NonOperating,
    UseCharacter::ConvertedFromOperating,
    UseCharacter::ConvertedFromTaxi,
    UseCharacter::ConvertedFromReservedTaxi,
];

/// 基层网点: the authority's own posts.
const BASE_LEVEL: &[OutletKind] = &[OutletKind::TownshipSquadron, OutletKind::TrafficStation];

/// 下放基层: what partners do for small cars the authority's own posts do as well.
const AT_THE_BASE: Mandate = Mandate::small_cars(BASE_LEVEL);

/// 摩托车业务下放: motorcycles on record are handled at the base, by no partner: a parameter.
const MOTORCYCLES_AT_THE_BASE: Mandate = Mandate::motorcycles(BASE_LEVEL, None);

/// What every applicant shows, and of a service that is done with the proof of identity alone (一证即办) all
/// that is asked for.
const IDENTITY_PROOF: MaterialRule = shared(
    MaterialKind::IdentityProof,
    Lookup::PopulationRegister,
    MaterialCondition::Always,
);

/// What somebody brings who comes in the applicant's place.
const POWER_OF_ATTORNEY: MaterialRule =
    on_paper(MaterialKind::PowerOfAttorney, MaterialCondition::Agent);

/// What the register itself shows of a registered vehicle.
const REGISTRATION_CERTIFICATE: MaterialRule = shared(
    MaterialKind::RegistrationCertificate,
    Lookup::VehicleRegister,
    MaterialCondition::Always,
);
const DRIVING_PERMIT: MaterialRule = shared(
    MaterialKind::DrivingPermit,
    Lookup::VehicleRegister,
    MaterialCondition::Always,
);

/// 居住证明 (R164 Art 89).
const RESIDENCE_PERMIT: MaterialRule = shared(
    MaterialKind::ResidencePermit,
    Lookup::PopulationRegister,
    MaterialCondition::ResidencePermit,
);

/// What must be in force, and paid, for a vehicle to be on the road.
const COMPULSORY_INSURANCE: MaterialRule = shared(
    MaterialKind::CompulsoryInsurance,
    Lookup::InsurerPlatform,
    MaterialCondition::Always,
);
const VEHICLE_TAX: MaterialRule = shared(
    MaterialKind::VehicleTax,
    Lookup::VehicleTaxData,
    MaterialCondition::Always,
);

/// What a vehicle needs whose inspection is overdue, before it changes hands or place (R164 Art 18, 25).
const SAFETY_INSPECTION_IF_OVERDUE: MaterialRule = shared(
    MaterialKind::SafetyInspection,
    Lookup::InspectionData,
    MaterialCondition::InspectionOverdue,
);
const COMPULSORY_INSURANCE_IF_OVERDUE: MaterialRule = shared(
    MaterialKind::CompulsoryInsurance,
    Lookup::InsurerPlatform,
    MaterialCondition::InspectionOverdue,
);

const fn shared(kind: MaterialKind, lookup: Lookup, condition: MaterialCondition) -> MaterialRule {
    MaterialRule {
        kind,
        lookup: Some(lookup),
        condition,
    }
}

const fn on_paper(kind: MaterialKind, condition: MaterialCondition) -> MaterialRule {
    MaterialRule {
        kind,
        lookup: None,
        condition,
    }
}

/// 业务目录, a row a service, in the order of [`Service::ALL`].
pub const SERVICES: &[ServiceRule] = &[
    REGISTRATION,
    TRANSFER,
    CONTACT_CHANGE,
    OWNER_NAME_CHANGE,
    DEREGISTRATION,
    PLATE_REPLACEMENT,
    DRIVING_PERMIT_REPLACEMENT,
    REGISTRATION_CERTIFICATE_REPLACEMENT,
    INSPECTION_MARK_REPLACEMENT,
    MORTGAGE,
    MORTGAGE_RELEASE,
    PLEDGE,
    PLEDGE_RELEASE,
    INSPECTION_MARK,
    EXEMPT_MARK,
    TEMPORARY_PLATE,
    PLATE_EXCHANGE,
    MOVE_IN,
    ADDRESS_CHANGE,
    ALTERATION,
    CO_OWNER_CHANGE,
    IDENTITY_CHANGE,
    CORRECTION,
];

/// The row of a service.
#[must_use]
pub const fn rule(service: Service) -> &'static ServiceRule {
    &SERVICES[service as usize]
}

/// 办理期限 in working days from the acceptance, and its article: a transfer over the city's borders has
/// one of its own.
#[must_use]
pub const fn time_limit(service: Service, kind: TransferKind) -> (u32, &'static str) {
    let row = rule(service);
    match (service, kind) {
        (Service::Transfer, TransferKind::Outbound | TransferKind::Inbound) => (3, "R164 Art 27"),
        _ => (row.working_days, row.limit_rule),
    }
}

/// What outlets of a kind are entrusted with, leaving out what single outlets were granted.
pub fn of_kind(kind: OutletKind) -> impl Iterator<Item = Service> {
    let having = SERVICES
        .iter()
        .filter(move |row| row.outlet_kinds().any(|having| having == kind));
    having.map(|row| row.service)
}

impl ServiceRule {
    /// 网点类型: kinds that have the service without a grant of their own.
    pub fn outlet_kinds(&self) -> impl Iterator<Item = OutletKind> + use<> {
        let kinds = self
            .mandates
            .iter()
            .flat_map(|mandate| mandate.outlet_kinds);
        kinds.copied()
    }

    /// 单独委托: kinds of which single outlets have been granted the service.
    pub fn granted_kinds(&self) -> impl Iterator<Item = OutletKind> + use<> {
        let kinds = self
            .mandates
            .iter()
            .flat_map(|mandate| mandate.granted_kinds);
        kinds.copied()
    }

    /// Whether outlets of a kind may file this service for such a type and such a use; where either is
    /// not entrusted, the vehicle goes to the authority's own windows. Of a kind that has no mandate at
    /// all it is asked whether any other kind may.
    #[must_use]
    pub fn entrusted(
        &self,
        kind: OutletKind,
        vehicle_type: VehicleType,
        use_character: UseCharacter,
    ) -> [bool; 2] {
        let has_any = self.mandates.iter().any(|mandate| mandate.is_of(kind));
        let own = || {
            let mandates = self.mandates.iter();
            mandates.filter(move |mandate| !has_any || mandate.is_of(kind))
        };
        let of_type = |mandate: &Mandate| mandate.vehicle_types.contains(&vehicle_type);
        let type_entrusted = own().any(of_type);
        // A use is entrusted together with a type.
        let use_entrusted = own()
            .filter(|mandate| of_type(mandate) || !type_entrusted)
            .any(|mandate| mandate.use_characters.contains(&use_character));
        [type_entrusted, use_entrusted]
    }
}

const REGISTRATION: ServiceRule = {
    use MaterialCondition as When;
    use MaterialKind as Kind;
    ServiceRule {
        service: Service::Registration,
        english_name: "Registration of a new vehicle",
        rule: "R164 Art 10–15",
        mandates: &[
            Mandate {
                granted_kinds: &[OutletKind::InspectionStation],
                // A new vehicle has no earlier use, so the converted ones do not arise.
                use_characters: &[UseCharacter::NonOperating],
                ..Mandate::small_cars(&[
                    OutletKind::Dealer,
                    OutletKind::TownshipSquadron,
                    OutletKind::TrafficStation,
                ])
            },
            Mandate {
                use_characters: &[UseCharacter::NonOperating],
                // 带牌销售 (R164 Art 14).
                ..Mandate::motorcycles(
                    &[
                        OutletKind::MotorcycleDealer,
                        OutletKind::TownshipSquadron,
                        OutletKind::TrafficStation,
                    ],
                    Some(9_500),
                )
            },
        ],
        materials: &[
            IDENTITY_PROOF,
            shared(Kind::OriginProof, Lookup::InvoicePlatform, When::Always),
            shared(
                Kind::ConformityCertificate,
                Lookup::MakerData,
                When::Domestic,
            ),
            shared(Kind::ImportProof, Lookup::CustomsData, When::Imported),
            COMPULSORY_INSURANCE,
            shared(
                Kind::PurchaseTax,
                Lookup::PurchaseTaxData,
                When::PurchaseTaxDue,
            ),
            VEHICLE_TAX,
            POWER_OF_ATTORNEY,
            shared(
                Kind::SafetyInspection,
                Lookup::InspectionData,
                When::SafetyInspectionDue,
            ),
            // Not of small cars that are not operated (R164 Art 89).
            RESIDENCE_PERMIT,
        ],
        id_only: IdOnly::No,
        online: false,
        agent_allowed: true,
        working_days: 2,
        limit_rule: "R164 Art 10",
        fee_fen: 12_500,
    }
};

const TRANSFER: ServiceRule = {
    use MaterialCondition as When;
    use MaterialKind as Kind;
    ServiceRule {
        service: Service::Transfer,
        english_name: "Transfer of a used vehicle",
        rule: "R164 Art 25–30",
        mandates: &[
            Mandate::small_cars(&[
                OutletKind::UsedCarMarket,
                OutletKind::TownshipSquadron,
                OutletKind::TrafficStation,
            ]),
            Mandate::motorcycles(BASE_LEVEL, Some(8_500)),
        ],
        materials: &[
            IDENTITY_PROOF,
            shared(Kind::TransferProof, Lookup::InvoicePlatform, When::Always),
            shared(
                Kind::RegistrationCertificate,
                Lookup::VehicleRegister,
                When::PapersInHand,
            ),
            shared(
                Kind::DrivingPermit,
                Lookup::VehicleRegister,
                When::PapersInHand,
            ),
            shared(
                Kind::MortgageeConsent,
                Lookup::LenderPlatform,
                When::Mortgaged,
            ),
            POWER_OF_ATTORNEY,
            RESIDENCE_PERMIT,
            SAFETY_INSPECTION_IF_OVERDUE,
            COMPULSORY_INSURANCE_IF_OVERDUE,
            // It comes electronically (商办消费函〔2021〕165号).
            shared(
                Kind::VehicleArchive,
                Lookup::VehicleRegister,
                When::RegisteredElsewhere,
            ),
            on_paper(Kind::EnforcementNotice, When::EnforcementNotice),
            on_paper(Kind::MarriageCertificate, When::Spouse),
        ],
        id_only: IdOnly::No,
        online: false,
        agent_allowed: true,
        working_days: 1,
        limit_rule: "R164 Art 25",
        fee_fen: 11_500,
    }
};

const CONTACT_CHANGE: ServiceRule = ServiceRule {
    service: Service::ContactChange,
    english_name: "Filing of new contact details",
    rule: "R164 Art 23–24",
    // Every kind that tells citizens of the authority's app helps them with this too.
    mandates: &[
        Mandate::small_cars(&[
            OutletKind::PostOffice,
            OutletKind::Dealer,
            OutletKind::UsedCarMarket,
            OutletKind::InspectionStation,
            OutletKind::Bank,
            OutletKind::Insurer,
            OutletKind::DrivingSchool,
        ]),
        AT_THE_BASE,
        MOTORCYCLES_AT_THE_BASE,
    ],
    materials: &[IDENTITY_PROOF, POWER_OF_ATTORNEY],
    id_only: IdOnly::Yes,
    online: true,
    agent_allowed: true,
    working_days: 1,
    limit_rule: "R164 Art 24",
    fee_fen: 0,
};

const OWNER_NAME_CHANGE: ServiceRule = ServiceRule {
    service: Service::OwnerNameChange,
    english_name: "Filing of an owner's new name",
    rule: "R164 Art 23–24",
    // No list of the city's names the kinds: a parameter. These two hand certificates to and fro for
    // other services already.
    mandates: &[
        Mandate::small_cars(&[OutletKind::PostOffice, OutletKind::UsedCarMarket]),
        AT_THE_BASE,
        MOTORCYCLES_AT_THE_BASE,
    ],
    materials: &[
        IDENTITY_PROOF,
        shared(
            MaterialKind::NameChangeProof,
            Lookup::PopulationRegister,
            MaterialCondition::Always,
        ),
        REGISTRATION_CERTIFICATE,
        DRIVING_PERMIT,
        POWER_OF_ATTORNEY,
    ],
    id_only: IdOnly::No,
    online: false,
    agent_allowed: true,
    working_days: 1,
    limit_rule: "R164 Art 24",
    // A new driving permit.
    fee_fen: 1_500,
};

const DEREGISTRATION: ServiceRule = {
    use MaterialCondition as When;
    use MaterialKind as Kind;
    ServiceRule {
        service: Service::Deregistration,
        english_name: "Deregistration of a vehicle",
        rule: "R164 Art 37–42",
        // Recyclers may be entrusted (R164 Art 69) and are of no kind that the report names; that
        // the post takes the other causes is a parameter.
        mandates: &[
            Mandate::small_cars(&[OutletKind::Other, OutletKind::PostOffice]),
            AT_THE_BASE,
            MOTORCYCLES_AT_THE_BASE,
        ],
        materials: &[
            IDENTITY_PROOF,
            REGISTRATION_CERTIFICATE,
            DRIVING_PERMIT,
            // Recyclers are networked (R164 Art 38).
            shared(
                Kind::RecyclingProof,
                Lookup::RecyclerPlatform,
                When::Scrapped,
            ),
            on_paper(Kind::LossPledge, When::Lost),
            shared(Kind::ExitProof, Lookup::CustomsData, When::TakenAbroad),
            on_paper(Kind::ReturnProof, When::ReturnedToMaker),
            // Customs data would say that it is supervised.
            on_paper(Kind::CustomsRelease, When::CustomsSupervised),
            POWER_OF_ATTORNEY,
        ],
        id_only: IdOnly::No,
        online: false,
        // But for a vehicle that is lost.
        agent_allowed: true,
        working_days: 1,
        limit_rule: "R164 Art 37",
        fee_fen: 0,
    }
};

/// 补换领 of plates, permit and mark: the kinds that the city's practice names for it.
const REPLACING_KINDS: &[OutletKind] = &[
    OutletKind::PostOffice,
    OutletKind::UsedCarMarket,
    OutletKind::InspectionStation,
    OutletKind::Bank,
    OutletKind::Insurer,
];

/// What replacements have in common.
const REPLACEMENT: ServiceRule = ServiceRule {
    service: Service::PlateReplacement,
    english_name: "Replacement of plates",
    rule: "R164 Art 51",
    mandates: &[
        Mandate::small_cars(REPLACING_KINDS),
        AT_THE_BASE,
        MOTORCYCLES_AT_THE_BASE,
    ],
    materials: &[IDENTITY_PROOF, POWER_OF_ATTORNEY],
    id_only: IdOnly::Yes,
    online: true,
    agent_allowed: true,
    working_days: 1,
    limit_rule: "R164 Art 52",
    fee_fen: 0,
};

const PLATE_REPLACEMENT: ServiceRule = ServiceRule {
    mandates: &[
        Mandate::small_cars(REPLACING_KINDS),
        AT_THE_BASE,
        Mandate::motorcycles(BASE_LEVEL, Some(7_000)),
    ],
    working_days: 15,
    limit_rule: "R164 Art 51",
    fee_fen: 10_000,
    ..REPLACEMENT
};

const DRIVING_PERMIT_REPLACEMENT: ServiceRule = ServiceRule {
    service: Service::DrivingPermitReplacement,
    english_name: "Replacement of the driving permit",
    rule: "R164 Art 52",
    fee_fen: 1_500,
    ..REPLACEMENT
};

const REGISTRATION_CERTIFICATE_REPLACEMENT: ServiceRule = ServiceRule {
    service: Service::RegistrationCertificateReplacement,
    english_name: "Replacement of the registration certificate",
    rule: "R164 Art 32, 52, 86",
    // The practice that names the other papers leaves this one out. These two handle certificates
    // for mortgages: a parameter.
    mandates: &[
        Mandate::small_cars(&[OutletKind::PostOffice, OutletKind::Bank]),
        AT_THE_BASE,
        MOTORCYCLES_AT_THE_BASE,
    ],
    materials: &[IDENTITY_PROOF, POWER_OF_ATTORNEY],
    online: false,
    // Of one that is damaged.
    agent_allowed: true,
    fee_fen: 1_000,
    ..REPLACEMENT
};

const INSPECTION_MARK_REPLACEMENT: ServiceRule = ServiceRule {
    service: Service::InspectionMarkReplacement,
    english_name: "Replacement of the inspection mark",
    rule: "R164 Art 57",
    // Of the stations, those with a registration post (登记站).
    mandates: &[
        Mandate {
            granted_kinds: &[OutletKind::InspectionStation],
            ..Mandate::small_cars(&[
                OutletKind::PostOffice,
                OutletKind::UsedCarMarket,
                OutletKind::Bank,
                OutletKind::Insurer,
            ])
        },
        AT_THE_BASE,
        MOTORCYCLES_AT_THE_BASE,
    ],
    limit_rule: "R164 Art 57",
    ..REPLACEMENT
};

/// What the four services of lenders have in common. Their certificate is signed over, not issued
/// anew. Small cars that are not operated, as elsewhere: what other vehicles the mandate takes in is
/// published nowhere, so this is a parameter.
const LOAN: ServiceRule = ServiceRule {
    service: Service::Mortgage,
    english_name: "",
    rule: "",
    mandates: &[
        Mandate {
            // Those that arrange finance.
            granted_kinds: &[OutletKind::Dealer],
            ..Mandate::small_cars(&[OutletKind::Bank, OutletKind::PostOffice])
        },
        AT_THE_BASE,
        MOTORCYCLES_AT_THE_BASE,
    ],
    materials: &[],
    id_only: IdOnly::No,
    online: false,
    agent_allowed: true,
    working_days: 1,
    limit_rule: "",
    fee_fen: 0,
};

/// 抵押登记、质押备案: the lender's platform answers for contract and consent (R164 Art 35).
const LOAN_MATERIALS: &[MaterialRule] = {
    use MaterialCondition as When;
    use MaterialKind as Kind;
    &[
        IDENTITY_PROOF,
        REGISTRATION_CERTIFICATE,
        shared(Kind::MortgageContract, Lookup::LenderPlatform, When::Always),
        shared(
            Kind::MortgageeConsent,
            Lookup::LenderPlatform,
            When::Mortgaged,
        ),
        POWER_OF_ATTORNEY,
    ]
};

/// 解除抵押登记、解除质押备案.
const RELEASE_MATERIALS: &[MaterialRule] = {
    use MaterialCondition as When;
    use MaterialKind as Kind;
    &[
        IDENTITY_PROOF,
        REGISTRATION_CERTIFICATE,
        POWER_OF_ATTORNEY,
        on_paper(Kind::CourtDocument, When::CourtDecision),
    ]
};

const MORTGAGE: ServiceRule = ServiceRule {
    service: Service::Mortgage,
    english_name: "Mortgage of a vehicle",
    rule: "R164 Art 31–32, 35–36",
    materials: LOAN_MATERIALS,
    limit_rule: "R164 Art 31",
    ..LOAN
};

const MORTGAGE_RELEASE: ServiceRule = ServiceRule {
    service: Service::MortgageRelease,
    english_name: "Release of a mortgage",
    rule: "R164 Art 33, 36",
    materials: RELEASE_MATERIALS,
    limit_rule: "R164 Art 33",
    ..LOAN
};

const PLEDGE: ServiceRule = ServiceRule {
    service: Service::Pledge,
    english_name: "Filing of a pledge",
    rule: "R164 Art 34–36",
    materials: LOAN_MATERIALS,
    limit_rule: "R164 Art 34",
    ..LOAN
};

const PLEDGE_RELEASE: ServiceRule = ServiceRule {
    service: Service::PledgeRelease,
    english_name: "Release of a pledge",
    rule: "R164 Art 34, 36",
    materials: RELEASE_MATERIALS,
    limit_rule: "R164 Art 34",
    ..LOAN
};

const TEMPORARY_PLATE: ServiceRule = {
    use MaterialCondition as When;
    use MaterialKind as Kind;
    ServiceRule {
        service: Service::TemporaryPlate,
        english_name: "Temporary plate",
        rule: "R164 Art 27–28, 46–48, 51",
        mandates: &[
            // Common practice, published nowhere: a parameter.
            Mandate::small_cars(&[
                OutletKind::Dealer,
                OutletKind::UsedCarMarket,
                OutletKind::Insurer,
                OutletKind::PostOffice,
            ]),
            Mandate::motorcycles(&[OutletKind::MotorcycleDealer], None),
            // What outlets of partners are not entrusted with has its plates from the authority's own
            // posts; special vehicles and those under test are of any type. What a county office may not
            // register (R164 Art 2) it does not register by this.
            Mandate {
                vehicle_types: VehicleType::ALL,
                use_characters: UseCharacter::ALL,
                ..Mandate::small_cars(BASE_LEVEL)
            },
        ],
        materials: &[
            IDENTITY_PROOF,
            COMPULSORY_INSURANCE,
            shared(
                Kind::OriginProof,
                Lookup::InvoicePlatform,
                When::AcquiredUnregistered,
            ),
            shared(
                Kind::ConformityCertificate,
                Lookup::MakerData,
                When::ConformityDue,
            ),
            shared(Kind::ImportProof, Lookup::CustomsData, When::ImportProofDue),
            on_paper(Kind::MakerSafetyTest, When::NewExport),
            on_paper(Kind::ExportProof, When::NewExport),
            on_paper(Kind::WrittenRequest, When::ResearchTest),
            // For research the maker's own test does too (R164 Art 47).
            on_paper(Kind::SafetyInspection, When::TestDrive),
            on_paper(Kind::TestPermit, When::ConnectedTest),
            POWER_OF_ATTORNEY,
        ],
        id_only: IdOnly::No,
        online: true,
        agent_allowed: true,
        working_days: 1,
        limit_rule: "R164 Art 47",
        // Customary: 5 yuan.
        fee_fen: 500,
    }
};

const PLATE_EXCHANGE: ServiceRule = ServiceRule {
    service: Service::PlateExchange,
    english_name: "Exchange of plate numbers",
    rule: "R164 Art 20",
    // Published nowhere: a parameter. The post hands plates out for other services already.
    mandates: &[
        Mandate::small_cars(&[OutletKind::PostOffice]),
        AT_THE_BASE,
        Mandate::motorcycles(BASE_LEVEL, Some(17_000)),
    ],
    // Of both vehicles.
    materials: &[
        IDENTITY_PROOF,
        REGISTRATION_CERTIFICATE,
        DRIVING_PERMIT,
        POWER_OF_ATTORNEY,
    ],
    id_only: IdOnly::No,
    online: false,
    agent_allowed: true,
    working_days: 1,
    limit_rule: "R164 Art 20",
    // Two pairs of plates and two driving permits.
    fee_fen: 23_000,
};

const INSPECTION_MARK: ServiceRule = {
    use MaterialCondition as When;
    use MaterialKind as Kind;
    ServiceRule {
        service: Service::InspectionMark,
        english_name: "Inspection mark",
        rule: "R164 Art 54, 62",
        mandates: &[
            // Stations test whatever drives.
            Mandate {
                vehicle_types: VehicleType::ALL,
                use_characters: UseCharacter::ALL,
                ..Mandate::small_cars(&[OutletKind::InspectionStation])
            },
            AT_THE_BASE,
            MOTORCYCLES_AT_THE_BASE,
        ],
        materials: &[
            DRIVING_PERMIT,
            COMPULSORY_INSURANCE,
            VEHICLE_TAX,
            shared(Kind::SafetyInspection, Lookup::InspectionData, When::Always),
            POWER_OF_ATTORNEY,
        ],
        id_only: IdOnly::No,
        online: false,
        agent_allowed: true,
        working_days: 1,
        limit_rule: "R164 Art 54",
        fee_fen: 0,
    }
};

/// 核发免检标志: the kinds that have it without a grant.
const EXEMPTING_KINDS: &[OutletKind] = &[
    OutletKind::PostOffice,
    OutletKind::Bank,
    OutletKind::Insurer,
    OutletKind::TownshipSquadron,
    OutletKind::TrafficStation,
];

const EXEMPT_MARK: ServiceRule = ServiceRule {
    service: Service::ExemptMark,
    english_name: "Mark without a test",
    rule: "R164 Art 55",
    // Whatever the exemption from the test may concern; which of them it does concern, and when, is a matter
    // of the inspection cycle.
    mandates: &[
        Mandate {
            // Those with a registration post (登记站).
            granted_kinds: &[OutletKind::InspectionStation],
            use_characters: &[UseCharacter::NonOperating],
            ..Mandate::small_cars(EXEMPTING_KINDS)
        },
        Mandate {
            granted_kinds: &[OutletKind::InspectionStation],
            use_characters: &[UseCharacter::NonOperating],
            ..Mandate::motorcycles(EXEMPTING_KINDS, None)
        },
    ],
    materials: &[
        IDENTITY_PROOF,
        COMPULSORY_INSURANCE,
        VEHICLE_TAX,
        POWER_OF_ATTORNEY,
    ],
    // With the data networked nothing else is asked for, which the articles do not call by that name.
    id_only: IdOnly::Unknown,
    online: true,
    agent_allowed: true,
    working_days: 1,
    limit_rule: "R164 Art 55",
    fee_fen: 0,
};

const MOVE_IN: ServiceRule = {
    use MaterialCondition as When;
    use MaterialKind as Kind;
    ServiceRule {
        service: Service::MoveIn,
        english_name: "Move of a vehicle into the city",
        rule: "R164 Art 18",
        // Those that transfer vehicles into the city already: a parameter.
        mandates: &[
            Mandate::small_cars(&[OutletKind::UsedCarMarket]),
            AT_THE_BASE,
            Mandate::motorcycles(BASE_LEVEL, Some(8_500)),
        ],
        materials: &[
            IDENTITY_PROOF,
            REGISTRATION_CERTIFICATE,
            DRIVING_PERMIT,
            shared(Kind::VehicleArchive, Lookup::VehicleRegister, When::Always),
            shared(
                Kind::MortgageeConsent,
                Lookup::LenderPlatform,
                When::Mortgaged,
            ),
            POWER_OF_ATTORNEY,
            RESIDENCE_PERMIT,
            SAFETY_INSPECTION_IF_OVERDUE,
            COMPULSORY_INSURANCE_IF_OVERDUE,
        ],
        id_only: IdOnly::No,
        online: false,
        agent_allowed: true,
        working_days: 3,
        limit_rule: "R164 Art 18",
        fee_fen: 11_500,
    }
};

const ADDRESS_CHANGE: ServiceRule = ServiceRule {
    service: Service::AddressChange,
    english_name: "Filing of an owner's new address",
    rule: "R164 Art 23–24",
    // No list of the city's names the kinds: a parameter.
    mandates: &[
        Mandate::small_cars(&[OutletKind::PostOffice]),
        AT_THE_BASE,
        MOTORCYCLES_AT_THE_BASE,
    ],
    materials: &[IDENTITY_PROOF, RESIDENCE_PERMIT, POWER_OF_ATTORNEY],
    id_only: IdOnly::Unknown,
    online: false,
    agent_allowed: true,
    working_days: 1,
    limit_rule: "R164 Art 24",
    fee_fen: 0,
};

/// 变更登记. No list gives it to partners, who have nobody to look at the vehicle for it: the base's own
/// posts, a parameter.
const ALTERATION: ServiceRule = ServiceRule {
    service: Service::Alteration,
    english_name: "Registration of an altered vehicle",
    rule: "R164 Art 16–17, 21",
    mandates: &[AT_THE_BASE, MOTORCYCLES_AT_THE_BASE],
    materials: &[
        IDENTITY_PROOF,
        REGISTRATION_CERTIFICATE,
        DRIVING_PERMIT,
        on_paper(
            MaterialKind::SafetyInspection,
            MaterialCondition::EngineOrBodyReplaced,
        ),
        POWER_OF_ATTORNEY,
    ],
    id_only: IdOnly::No,
    online: false,
    agent_allowed: true,
    working_days: 1,
    limit_rule: "R164 Art 17",
    // A new driving permit.
    fee_fen: 1_500,
};

const CO_OWNER_CHANGE: ServiceRule = {
    use MaterialCondition as When;
    use MaterialKind as Kind;
    ServiceRule {
        service: Service::CoOwnerChange,
        english_name: "Registration of a vehicle for a co-owner",
        rule: "R164 Art 19, 32, 86",
        // No list of the city's names the kinds: a parameter.
        mandates: &[
            Mandate::small_cars(&[OutletKind::PostOffice]),
            AT_THE_BASE,
            MOTORCYCLES_AT_THE_BASE,
        ],
        materials: &[
            IDENTITY_PROOF,
            REGISTRATION_CERTIFICATE,
            DRIVING_PERMIT,
            // The household register knows who is married to whom; no register knows of deeds.
            shared(
                Kind::MarriageProof,
                Lookup::PopulationRegister,
                When::Spouses,
            ),
            on_paper(Kind::CoOwnershipProof, When::CoOwners),
            shared(
                Kind::MortgageeConsent,
                Lookup::LenderPlatform,
                When::Mortgaged,
            ),
            RESIDENCE_PERMIT,
        ],
        id_only: IdOnly::No,
        online: false,
        agent_allowed: false,
        working_days: 1,
        limit_rule: "R164 Art 19",
        // As of a transfer.
        fee_fen: 11_500,
    }
};

const IDENTITY_CHANGE: ServiceRule = ServiceRule {
    service: Service::IdentityChange,
    english_name: "Filing of an owner's new identity number",
    rule: "R164 Art 23–24",
    // No list of the city's names the kinds: a parameter.
    mandates: ADDRESS_CHANGE.mandates,
    materials: &[IDENTITY_PROOF, REGISTRATION_CERTIFICATE, POWER_OF_ATTORNEY],
    id_only: IdOnly::No,
    online: false,
    agent_allowed: true,
    working_days: 1,
    limit_rule: "R164 Art 24",
    fee_fen: 0,
};

const CORRECTION: ServiceRule = ServiceRule {
    service: Service::Correction,
    english_name: "Correction of an error in the register",
    rule: "R164 Art 53",
    mandates: ADDRESS_CHANGE.mandates,
    materials: &[
        IDENTITY_PROOF,
        // The file holds what the entry was made from.
        shared(
            MaterialKind::CorrectionEvidence,
            Lookup::VehicleRegister,
            MaterialCondition::Always,
        ),
        REGISTRATION_CERTIFICATE,
        POWER_OF_ATTORNEY,
    ],
    id_only: IdOnly::No,
    online: false,
    agent_allowed: true,
    working_days: 5,
    limit_rule: "R164 Art 53",
    fee_fen: 0,
};

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// 委托 as the city has it, a row a service, a column a kind: `c` are small cars that are not operated,
    /// `n` those of them that never were, `m` and `w` the same of motorcycles, `*` is every vehicle. In
    /// brackets stands what single outlets were granted. What the city does not publish is a parameter
    /// here as it is in the rows.
    const MANDATES: &str = "
                                             dealer used_car_market inspection_station bank insurer post_office other motorcycle_dealer driving_school township_squadron traffic_station
        registration                         n      –               (n)                –    –       –           –     w                 –              nw                nw
        transfer                             –      c               –                  –    –       –           –     –                 –              cm                cm
        contact_change                       c      c               c                  c    c       c           –     –                 c              cm                cm
        owner_name_change                    –      c               –                  –    –       c           –     –                 –              cm                cm
        deregistration                       –      –               –                  –    –       c           c     –                 –              cm                cm
        plate_replacement                    –      c               c                  c    c       c           –     –                 –              cm                cm
        driving_permit_replacement           –      c               c                  c    c       c           –     –                 –              cm                cm
        registration_certificate_replacement –      –               –                  c    –       c           –     –                 –              cm                cm
        inspection_mark_replacement          –      c               (c)                c    c       c           –     –                 –              cm                cm
        mortgage                             (c)    –               –                  c    –       c           –     –                 –              cm                cm
        mortgage_release                     (c)    –               –                  c    –       c           –     –                 –              cm                cm
        pledge                               (c)    –               –                  c    –       c           –     –                 –              cm                cm
        pledge_release                       (c)    –               –                  c    –       c           –     –                 –              cm                cm
        inspection_mark                      –      –               *                  –    –       –           –     –                 –              cm                cm
        exempt_mark                          –      –               (nw)               nw   nw      nw          –     –                 –              nw                nw
        temporary_plate                      c      c               –                  –    c       c           –     m                 –              *                 *
        plate_exchange                       –      –               –                  –    –       c           –     –                 –              cm                cm
        move_in                              –      c               –                  –    –       –           –     –                 –              cm                cm
        address_change                       –      –               –                  –    –       c           –     –                 –              cm                cm
        alteration                           –      –               –                  –    –       –           –     –                 –              cm                cm
        co_owner_change                      –      –               –                  –    –       c           –     –                 –              cm                cm
        identity_change                      –      –               –                  –    –       c           –     –                 –              cm                cm
        correction                           –      –               –                  –    –       c           –     –                 –              cm                cm";

    /// 车辆类型 and 使用性质.
    type Class = (Vec<VehicleType>, Vec<UseCharacter>);

    /// What a letter of the table stands for.
    fn class(letter: char) -> Class {
        let types = match letter {
            'c' | 'n' => "K31 K32 K33 K34 K39 K41 K42 K43 K49",
            'm' | 'w' => "M11 M12 M13 M14 M15 M21 M22",
            '*' => return (VehicleType::ALL.to_vec(), UseCharacter::ALL.to_vec()),
            other => panic!("{other}"),
        };
        // 非营运 A; 营转非 L, 出租转非 M, 预约出租转非 U.
        let letters = if matches!(letter, 'c' | 'm') {
            "ALMU"
        } else {
            "A"
        };
        let uses = UseCharacter::ALL.iter().copied();
        (
            types.split(' ').map(|code| code.parse().unwrap()).collect(),
            uses.filter(|used| letters.contains(used.ga_code()))
                .collect(),
        )
    }

    #[test]
    fn every_service_has_its_own_row() {
        let listed: Vec<Service> = SERVICES.iter().map(|row| row.service).collect();
        assert_eq!(listed, Service::ALL);
        for service in Service::ALL {
            assert_eq!(rule(*service).service, *service);
        }
    }

    #[test]
    fn every_cell_of_outlet_kind_service_and_vehicle_class_is_as_in_the_table() {
        let mut lines = MANDATES.trim().lines().map(str::split_whitespace);
        let kinds: Vec<&str> = lines.next().unwrap().collect();
        let all: Vec<&str> = OutletKind::ALL.iter().map(|kind| kind.as_str()).collect();
        assert_eq!(kinds, all);
        let mut cells = 0;
        for (row, mut line) in SERVICES.iter().zip(lines.by_ref()) {
            assert_eq!(line.next(), Some(row.service.as_str()));
            let written: Vec<&str> = line.collect();
            assert_eq!(written.len(), kinds.len(), "{}", row.service);
            for (kind, cell) in OutletKind::ALL.iter().zip(&written) {
                let granted = cell.starts_with('(');
                let has = *cell != "–";
                let by_kind = row.outlet_kinds().any(|having| having == *kind);
                let by_grant = row.granted_kinds().any(|having| having == *kind);
                let listed = of_kind(*kind).any(|service| service == row.service);
                assert_eq!(
                    [by_kind, by_grant, listed],
                    [has && !granted, granted, has && !granted],
                    "{} at {kind}",
                    row.service
                );
                // Of a kind that has nothing it is asked whether any other has the vehicle.
                let letters = if has { cell } else { &written.concat()[..] };
                let letters: BTreeSet<char> =
                    letters.chars().filter(|c| !"(–)".contains(*c)).collect();
                let classes: Vec<_> = letters.into_iter().map(class).collect();
                for vehicle_type in VehicleType::ALL {
                    let of_type = |(types, _): &&Class| types.contains(vehicle_type);
                    let typed: Vec<_> = classes.iter().filter(of_type).collect();
                    for used in UseCharacter::ALL {
                        let of_use = |(_, uses): &&Class| uses.contains(used);
                        let use_entrusted = if typed.is_empty() {
                            classes.iter().any(|class| of_use(&class))
                        } else {
                            typed.iter().any(of_use)
                        };
                        assert_eq!(
                            row.entrusted(*kind, *vehicle_type, *used),
                            [!typed.is_empty(), use_entrusted],
                            "{} at {kind} of {vehicle_type}, {used}",
                            row.service
                        );
                        cells += 1;
                    }
                }
            }
        }
        assert!(lines.next().is_none());
        assert_eq!(cells, 11 * 23 * 151 * 22);
    }

    #[test]
    fn what_needs_the_proof_of_identity_alone_asks_for_nothing_else() {
        for row in SERVICES.iter().filter(|row| row.id_only == IdOnly::Yes) {
            let others = row.materials.iter().filter(|asked| {
                !matches!(
                    asked.kind,
                    MaterialKind::IdentityProof | MaterialKind::PowerOfAttorney
                )
            });
            assert_eq!(others.count(), 0, "{}", row.service);
        }
    }

    #[test]
    fn a_row_says_where_its_rules_come_from() {
        for row in SERVICES {
            assert!(!row.rule.is_empty() && !row.limit_rule.is_empty());
            assert!(row.english_name.is_ascii());
            let agent = MaterialCondition::Agent;
            let asks = row.materials.iter().any(|asked| asked.condition == agent);
            assert_eq!(asks, row.agent_allowed, "{}", row.service);
        }
    }
}
