use serde::{Deserialize, Serialize};

use super::{MaterialKind, Open};
use crate::{text::Text, wire_enum::wire_enum};

/// Writes [`FindingCode`] from rows of code, article, Chinese and English text.
macro_rules! finding_codes {
    ( $( $variant:ident = $word:literal, $rule:literal, $zh:literal, $en:literal; )+ ) => {
        wire_enum! {
            /// What the law's rules find in a submission. 审核发现
            pub enum FindingCode { $( $variant = $word, $zh; )+ }
        }

        impl FindingCode {
            /// 依据: the article or standard. `R164` is 《机动车登记规定》 (公安部令第164号).
            #[must_use]
            pub const fn rule(self) -> &'static str {
                match self { $( Self::$variant => $rule, )+ }
            }

            /// What is wrong and what to do.
            #[must_use]
            pub const fn text(self) -> Text {
                match self { $( Self::$variant => Text { zh: $zh, en: $en }, )+ }
            }
        }
    };
}

finding_codes! {
    // What the submission alone shows to be wrong: it is not filed.
    VinMismatch = "vin_mismatch", "R164 Art 15(3)",
        "与 /vehicle/vin 不是同一车辆识别代号，凭证与车辆不符；请核对两处",
        "This is not the VIN of /vehicle/vin, so document and vehicle differ; check both.";
    DateInFuture = "date_in_future", "R164 Art 15(1)",
        "日期晚于今天；请核对",
        "The date lies after today; check it.";
    DatesOutOfOrder = "dates_out_of_order", "R164 Art 15(1)",
        "日期先后顺序不对；请核对",
        "The dates are in the wrong order; check them.";
    InvoiceYearMismatch = "invoice_year_mismatch", "R164 Art 15(1)",
        "数电发票号码前两位为开票年份，与开票日期不符；请核对号码和日期",
        "A fully digital invoice number begins with the year of issue, and this one is of another year than the date; check both.";
    ConformityCertificateMissing = "conformity_certificate_missing", "R164 Art 12(3)",
        "国产机动车须填写整车出厂合格证",
        "A domestic vehicle needs its conformity certificate.";
    ImportProofMissing = "import_proof_missing", "R164 Art 12(3)",
        "进口机动车须填写进口凭证",
        "An imported vehicle needs its import proof.";
    ProofNotOfOrigin = "proof_not_of_origin", "R164 Art 12(3)",
        "该凭证与国产/进口不符；请删除或更正 /vehicle/origin",
        "This proof does not fit /vehicle/origin; remove it or correct the origin.";
    IdentityNumberNotOfKind = "identity_number_not_of_kind", "R164 Art 89(3)",
        "证件号码与当事人类型不符：个人填居民身份证号，单位填统一社会信用代码",
        "The number does not fit the kind of party: a person has a resident identity number, an organisation a unified social credit code.";
    SeatsNotOfClass = "seats_not_of_class", "GA 802",
        "核定载客人数与车辆类型不符",
        "The number of seats does not fit the vehicle type.";
    MassesOutOfOrder = "masses_out_of_order", "R164 Art 15(6)",
        "整备质量不能大于总质量",
        "The kerb mass cannot exceed the gross mass.";
    InsuranceExpired = "insurance_expired", "R164 Art 12(4)",
        "机动车交通事故责任强制保险已到期；请续保后再提交",
        "The compulsory insurance has ended; renew it first.";
    InsurancePeriodWrong = "insurance_period_wrong", "JQX Art 20",
        "交强险期间须自起始日起不超过一年，终止日不早于起始日，且最迟在提交后 30 日内生效",
        "The insurance period must not exceed one year nor end before it starts, and must start within 30 days.";
    PowerOfAttorneyExpired = "power_of_attorney_expired", "R164 Art 86",
        "授权委托书已过期",
        "The power of attorney has expired.";
    PlateChoiceIncomplete = "plate_choice_incomplete", "R164 Art 43",
        "按所选取号方式，此项必填",
        "The way the number is chosen needs this member.";
    PlateChoiceContradictory = "plate_choice_contradictory", "R164 Art 43",
        "所选取号方式不需要此项；请删除",
        "The way the number is chosen does not take this member; remove it.";
    NewEnergyClassMismatch = "new_energy_class_mismatch", "GA 36-2018",
        "新能源号牌字母与能源种类不符：D、A、B、C、E 为纯电动，F、G、H、J、K 为非纯电动；请另选",
        "The class letter does not fit the energy: D, A, B, C, E are pure electric, F, G, H, J, K are not; choose another.";
    PlateNotLocal = "plate_not_local", "R164 Art 43",
        "自编号码须为本地号段（鲁C）",
        "A self-composed number must be one of this city (鲁C).";
    PlateTaken = "plate_taken", "R164 Art 43",
        "该号码已被使用；请另选",
        "This number is taken; choose another.";
    PlateDrawExpired = "plate_draw_expired", "R164 Art 43",
        "选号已超过保留时间；请重新选号",
        "The draw is no longer held; draw again.";
    PlateNotInDraw = "plate_not_in_draw", "R164 Art 43",
        "该号码不在所选批次中",
        "This number is not one of the draw.";
    BuyerIsSeller = "buyer_is_seller", "R164 Art 25",
        "现机动车所有人与原所有人相同",
        "Buyer and seller are the same.";
    BuyerAddressElsewhere = "buyer_address_elsewhere", "商办消费函〔2021〕165号; R164 Art 27",
        "买方身份证地址与居住证均不在本市；车辆转出本市的，transfer_kind 填 outbound",
        "Neither the buyer's identity-card address nor a residence permit lies in this city; where the vehicle leaves it, file with transfer_kind outbound.";
    VehicleNotRegistered = "vehicle_not_registered", "R164 Art 25",
        "没有该车辆的登记记录；请核对车辆识别代号",
        "There is no such vehicle on record; check the VIN.";
    AgentNotAllowed = "agent_not_allowed", "R164 Art 86",
        "此项业务须由机动车所有人本人办理，不得委托代理人",
        "The owner has to come in person; no agent may act for him.";
    NothingChanges = "nothing_changes", "R164 Art 23",
        "变更后的内容与变更前相同；请核对",
        "What it is changed to is what it was; check it.";
    BundleTooSmall = "bundle_too_small", "API",
        "一窗通办须至少包含两项业务；只有一项时请单独提交",
        "A bundle has two parts at least; file a single service by itself.";
    PartnerReferenceTwice = "partner_reference_twice", "API",
        "合作单位业务编号在本次提交中重复；每项业务须有自己的编号",
        "This partner reference appears twice in the submission; every part needs its own.";
    DiffersWithinBundle = "differs_within_bundle", "API",
        "一窗通办的各项业务须为同一车辆、同一网点和同一经办人，并由办理到该项时的机动车所有人申请；此处与前面的业务不同",
        "All parts of a bundle are for the same vehicle, of the same outlet and operator, and of whoever owns the vehicle by then; this differs from the parts before.";
    SignatureMissing = "signature_missing", "R164 Art 31",
        "抵押、质押由双方共同申请，须有双方的电子签名；请补签",
        "Both parties apply together, so both must have signed electronically; have this one sign.";
    SignatureRepeated = "signature_repeated", "R164 Art 31",
        "双方电子签名的签名编号相同；须由双方各自签名",
        "Both signatures are one; each party signs for itself.";
    OwnerIsLender = "owner_is_lender", "R164 Art 31",
        "机动车所有人与抵押权人（质权人）相同",
        "Owner and lender are the same.";
    TemporaryPlateTooLong = "temporary_plate_too_long", "R164 Art 47",
        "超过该情形临时行驶车号牌的最长有效期；请提前",
        "A temporary plate of this case does not hold so long; ask for an earlier last day.";
    TemporaryPlateBeyondInsurance = "temporary_plate_beyond_insurance", "R164 Art 47",
        "临时行驶车号牌有效期不得超过交强险有效期；请提前或者续保",
        "A temporary plate does not hold beyond the compulsory insurance; ask for an earlier last day or renew it.";
    TestPermitExpired = "test_permit_expired", "R164 Art 48",
        "道路测试、示范应用凭证已到期",
        "The permit of the road test has ended.";
    NotSpecialVehicle = "not_special_vehicle", "R164 Art 46",
        "超限特型机动车限货车、牵引车、挂车、专项作业车和轮式专用机械；请核对车辆类型或者申领情形",
        "Only trucks, tractors, trailers, special-purpose vehicles and wheeled machinery are built over size; check the type or the case.";
    ExchangeWithItself = "exchange_with_itself", "R164 Art 20",
        "两辆机动车为同一车辆；请核对",
        "Both are the same vehicle; check them.";
    PlateKindsDiffer = "plate_kinds_differ", "R164 Art 20",
        "两辆机动车号牌种类不同，不得互换号牌",
        "The plates are of two kinds; such numbers are not exchanged.";
    PlatesOfTwoPlaces = "plates_of_two_places", "R164 Art 20",
        "两辆机动车不在同一辖区登记，不得互换号牌",
        "The vehicles are not registered in one place; such numbers are not exchanged.";
    DisplacementNotOfClass = "displacement_not_of_class", "GA 802",
        "轻便摩托车排量不超过 50 毫升；请核对车辆类型",
        "A light motorcycle has 50 ml at most; check the vehicle type.";
    TransferKindMismatch = "transfer_kind_mismatch", "R164 Art 27",
        "转让地域与车辆登记地、买方住所不符：本市车辆转让给外地买方为 outbound，外地车辆转让给本市买方为 inbound，其余为 local",
        "The kind does not fit where the vehicle is registered and where its buyer lives: outbound from here to a buyer elsewhere, inbound from elsewhere to a buyer here, local otherwise.";
    ThirdPlaceTransfer = "third_place_transfer", "商办消费函〔2021〕165号; R164 Art 27",
        "车辆登记地和买方住所均不在本市，不得在第三地办理转让登记；请到车辆登记地或者买方住所地办理",
        "Neither is the vehicle registered in this city nor does its buyer live here; a transfer in a third place is not allowed: file where one of the two is.";
    NoNumberGiven = "no_number_given", "R164 Art 43",
        "此项转让不核发新号码，不能选号；请删除",
        "This transfer gives no new number, so none can be chosen; remove it.";
    TransferProofMissing = "transfer_proof_missing", "R164 Art 25",
        "按所填获得方式，须填写此项转让证明：购买填发票，法院、仲裁案件填法律文书，其他填公证书、协议或者批准文件",
        "How the vehicle was acquired needs this proof: a purchase its invoice, a court's or arbitrator's case its decision, everything else its deed.";
    ProofNotOfAcquisition = "proof_not_of_acquisition", "R164 Art 25",
        "此项转让证明与所填获得方式不符；请删除或者更正获得方式",
        "This proof does not go with how the vehicle was acquired; remove it or correct the acquisition.";
    CertificateNotNamed = "certificate_not_named", "R164 Art 30",
        "须填写机动车登记证书编号；只有法院、仲裁案件中持协助执行通知书的，可以没有登记证书",
        "The number of the registration certificate is needed; only a court's or arbitrator's case with a notice of enforcement goes without.";
    SellerNotNaturalPerson = "seller_not_natural_person", "商消费发〔2022〕92号",
        "反向开票、单独签注只适用于向自然人收购的二手车",
        "A dealer issues the invoice itself, or holds a car for sale, only of what it buys from a natural person.";
    BuyerNotOrganisation = "buyer_not_organisation", "商消费发〔2022〕92号",
        "反向开票、单独签注的买方须为备案的二手车经营主体，不能是个人",
        "The buyer must be a filed dealer, which no person is.";
    NotBought = "not_bought", "商消费发〔2022〕92号",
        "反向开票、单独签注只适用于购买的车辆",
        "A dealer issues the invoice itself, or holds a car for sale, only of what it has bought.";
    IssuerNotBuyer = "issuer_not_buyer", "商消费发〔2022〕92号",
        "反向开票的开票单位须为买方",
        "The buyer itself must be the issuer of this invoice.";
    MarriedTooShort = "married_too_short", "R164 Art 45",
        "婚姻关系存续满一年，夫妻双方方可保留原号牌号码",
        "Spouses keep the number only when they have been married for a year.";
    OldNumberNotOnRecord = "old_number_not_on_record", "R164 Art 44",
        "登记档案中，该号码不是申请人两年内交回的原号牌号码",
        "This is no number on record that the applicant has given up within two years.";
    OldNumberTooLate = "old_number_too_late", "R164 Art 44(1)",
        "申请使用原号牌号码须在原车转让、注销后两年内提出",
        "An old number is asked for within two years of having given it up.";
    OldNumberUsedTooShort = "old_number_used_too_short", "R164 Art 44(2)",
        "申请人拥有原车并使用原号牌号码不满一年",
        "The applicant had the old vehicle and used its number for less than a year.";
    OldNumberUnsettled = "old_number_unsettled", "R164 Art 44(3)",
        "原车有未处理完毕的违法行为或者交通事故",
        "Violations or an accident of the old vehicle are not settled.";
    OwnerAddressElsewhere = "owner_address_elsewhere", "R164 Art 18",
        "机动车所有人身份证地址与居住证均不在本市，不能迁入",
        "Neither the owner's identity-card address nor a residence permit lies in this city; the vehicle cannot move in.";
    RegisteredHere = "registered_here", "R164 Art 18",
        "机动车在本市登记，无须迁入",
        "The vehicle is registered in this city; there is nothing to move in.";
    AddressOutsideCity = "address_outside_city", "R164 Art 18",
        "住所不在本市；迁出本市须办理变更登记（迁出），居住证在本市的请填写居住证行政区划",
        "The address does not lie in this city: whoever moves away moves the vehicle too; with a residence permit of this city, name its region.";
    NothingAltered = "nothing_altered", "R164 Art 16",
        "至少填写一项变更事项：车身颜色、发动机号、车身或者车架",
        "Say what is altered, one thing at least: colour, engine number, body or frame.";
    CoOwnerIsOwner = "co_owner_is_owner", "R164 Art 19",
        "变更前后的机动车所有人相同",
        "Owner and co-owner are the same.";
    NotSpouses = "not_spouses", "R164 Art 19",
        "单位没有夫妻关系；请提交共同所有的公证证明",
        "Organisations are not married; name a notarised proof of co-ownership.";
    NothingCorrected = "nothing_corrected", "R164 Art 53",
        "至少填写一项须更正的内容",
        "Say what is to be corrected, one entry at least.";
    NumberNotKept = "number_not_kept", "R164 Art 43–45",
        "保留原号码限夫妻之间，且婚姻关系存续满一年",
        "The old number is kept between spouses only, who have been married for a year.";
    TestNotNeeded = "test_not_needed", "R164 Art 55",
        "本期免上线检验，直接申领免检标志即可",
        "This time the vehicle is not tested; file for its mark without a test.";
    SlotUnknown = "slot_unknown", "API",
        "该检验机构没有此时段、时段已经开始，或预约日历尚未开放到该日；请按预约日历选择。车辆已到现场的，不填 starts_at",
        "The station has no such slot, it has begun, or the calendar is not open so far ahead; choose one of its calendar. A vehicle that is there already names none.";
    ItemMissing = "item_missing", "GB 38900",
        "缺少检验项目",
        "An item of the test is missing.";
    ItemTwice = "item_twice", "GB 38900",
        "同一检验项目只能出现一次",
        "Each item of the test stands once.";
    ItemNotDue = "item_not_due", "GB 38900",
        "复检只检上次不合格的项目",
        "A re-test is of the items that had failed.";
    ItemFindingMissing = "item_finding_missing", "GB 38900",
        "不合格的项目须写明不合格情况",
        "Say what was found wrong with an item that failed.";
    ItemFindingContradictory = "item_finding_contradictory", "GB 38900",
        "合格的项目不应填写不合格情况",
        "An item that passed has no finding.";

    // Wrong in form beyond the law; the schema's words.
    Required = "required", "API",
        "缺少必填项",
        "This member is missing.";
    UnknownMember = "unknown_member", "API",
        "没有这个字段；请检查拼写或删除",
        "There is no such member; check its spelling or remove it.";
    DuplicateMember = "duplicate_member", "API",
        "字段重复",
        "The member appears twice.";
    WrongType = "wrong_type", "API",
        "数据类型不对",
        "The type is not right.";
    NotInList = "not_in_list", "API",
        "不在允许的取值之内",
        "The value is not one of the list.";
    OutOfRange = "out_of_range", "API",
        "数值超出允许范围",
        "The value is out of range.";
    WrongLength = "wrong_length", "API",
        "长度不对",
        "The length is not right.";
    WrongFormat = "wrong_format", "API",
        "格式不对",
        "The format is not right.";

    NotApplicable = "not_applicable", "API",
        "此项与其他各项不相配；请删除",
        "This member does not go with the others; remove it.";
    ExactlyOne = "exactly_one", "API",
        "须填写且只能填写一项",
        "Exactly one member must be there.";

    // Grounds on which the authority refuses: a formal refusal, filed and dated.
    OriginAltered = "origin_altered", "R164 Art 15(2)",
        "机动车来历证明被涂改，或者所有人与身份证明不符",
        "The proof of origin was altered, or owner and identity proof differ.";
    ModelNotAnnounced = "model_not_announced", "R164 Art 15(5)",
        "机动车型号未列入《道路机动车辆生产企业及产品公告》",
        "The model is not in the announcement of makers and products.";
    BelowStandard = "below_standard", "R164 Art 15(6)",
        "车辆识别代号或技术数据不符合国家安全技术标准",
        "The VIN or the technical data fall short of the national safety standard.";
    ScrapStandardReached = "scrap_standard_reached", "R164 Art 15(7)",
        "机动车达到国家规定的强制报废标准",
        "The vehicle has reached the scrap standard.";
    SealedOrDetained = "sealed_or_detained", "R164 Art 15(8)",
        "机动车被人民法院、人民检察院、行政执法部门依法查封、扣押",
        "The vehicle is sealed or detained by a court, a procurator's office or another authority.";
    StolenOrDefrauded = "stolen_or_defrauded", "R164 Art 15(9)",
        "机动车属于被盗抢骗的",
        "The vehicle was stolen, robbed or obtained by fraud.";
    DeregisteredOrMovedOut = "deregistered_or_moved_out", "R164 Art 29(1)",
        "机动车已注销或者已转出",
        "The vehicle is deregistered or moved out.";
    RecordMismatch = "record_mismatch", "R164 Art 29(1)",
        "与机动车登记档案记载的内容不一致",
        "This differs from the vehicle's record.";
    CustomsSupervised = "customs_supervised", "R164 Art 29(2)",
        "机动车属于海关监管，未经海关解除监管",
        "The vehicle is under customs supervision that has not been lifted.";
    WithinOneYearOfScrap = "within_one_year_of_scrap", "R164 Art 29(3)",
        "距离国家规定的强制报废期限一年以内",
        "The vehicle is within one year of its scrap date.";
    OpenViolations = "open_violations", "R164 Art 25",
        "机动车有未处理完毕的道路交通安全违法行为",
        "Traffic violations of the vehicle are not settled.";
    OpenAccident = "open_accident", "R164 Art 25",
        "机动车有未处理完毕的交通事故",
        "A traffic accident of the vehicle is not settled.";
    MortgageeConsentMissing = "mortgagee_consent_missing", "R164 Art 26",
        "机动车已抵押，须与抵押权人共同申请",
        "The vehicle is mortgaged: its mortgagee must join the application.";
    MortgageeMismatch = "mortgagee_mismatch", "R164 Art 26",
        "抵押权人与登记档案不一致",
        "This is not the mortgagee on record.";
    AlreadyMortgaged = "already_mortgaged", "R164 Art 31",
        "该合同的抵押登记（质押备案）已经办理",
        "The mortgage or pledge of this contract is on record already.";
    NotMortgaged = "not_mortgaged", "R164 Art 33",
        "登记档案中没有抵押登记（质押备案），无须解除",
        "No such mortgage or pledge is on record; there is nothing to release.";
    ContractMismatch = "contract_mismatch", "R164 Art 33",
        "合同编号与登记档案不一致；请核对",
        "This is not the contract on record; check its number.";
    InspectionWindowNotOpen = "inspection_window_not_open", "R164 Art 54",
        "检验合格标志须在有效期满前三个月内（校车一个月内）办理；现在还不到时间",
        "Inspection and mark are done within three months before the date on the papers (school buses one month); it is too early.";
    TestRequired = "test_required", "R164 Art 55",
        "本期须上线检验，不能申领免检标志；请到检验机构检验后申领",
        "This time the vehicle must be tested on the line; have it tested at a station and file for an inspection mark.";
    MortgagedOrPledged = "mortgaged_or_pledged", "R164 Art 42",
        "机动车在抵押登记、质押备案期间，不予办理注销登记；请先解除",
        "The vehicle is mortgaged or pledged and is not deregistered; have that released first.";
    InsuranceNotInForce = "insurance_not_in_force", "R164 Art 57",
        "机动车交通事故责任强制保险不在有效期内；请续保后再申请",
        "The compulsory insurance is not in force; renew it first.";
    ThreeSalesInYear = "three_sales_in_year", "商消费发〔2022〕92号",
        "自然人在一个自然年度内出售持有时间少于一年的二手车达到三辆，不予办理转让登记",
        "The seller has sold three vehicles held for less than a year in this calendar year; the transfer is not registered.";
    EarlierPartNotCompleted = "earlier_part_not_completed", "平台约定，法律未作规定 (set by the platform, no article)",
        "一窗通办中前一项业务未办结，本项业务不再办理；请处理前一项后重新提交",
        "The part of the bundle before this one was not completed, so this one is not handled; file it again once that is settled.";
    TemporaryPlatesUsedUp = "temporary_plates_used_up", "R164 Art 47",
        "该情形临时行驶车号牌的核发次数已达上限，不再核发",
        "The owner has had as many temporary plates of this case as there may be for the vehicle.";
    NotInStock = "not_in_stock", "商消费发〔2022〕92号",
        "该车未办理“二手车待销售”单独签注，不能申领待销售临时号牌",
        "The vehicle is not in a dealer's stock; it gets no temporary plate as one for sale.";
    StockPlatesUsedUp = "stock_plates_used_up", "商消费发〔2022〕92号",
        "该经销企业持有期间临时行驶车号牌已核发三次，不再核发",
        "The dealer has had three temporary plates while the vehicle is in stock; there are no more.";
    NotMovingOut = "not_moving_out", "R164 Art 27",
        "该车未办结转出，不能申领转出本市的临时行驶车号牌；办理转出时随业务核发",
        "The vehicle has not moved out, and gets no temporary plate for it; one comes with the transfer by which it leaves.";
    NotBoughtForExport = "not_bought_for_export", "R164 Art 28",
        "二手车出口的临时行驶车号牌由收购车辆的出口企业申领；登记的机动车所有人不是单位",
        "A used car for export has a temporary plate once the exporting firm has bought it; its owner on record is no organisation.";
    NoPlatesInMaking = "no_plates_in_making", "R164 Art 47, 51",
        "该车没有正在办理的号牌核发或者补换业务，不能申领该情形的临时行驶车号牌",
        "No plates are being made for the vehicle on an application under way; it gets no temporary plate of this case.";
    TemporaryPlateInForce = "temporary_plate_in_force", "平台约定，法律未作规定 (set by the platform, no article)",
        "该情形的临时行驶车号牌尚在有效期内，不重复核发；期满后可再申领",
        "The owner has a temporary plate of this case for the vehicle that still holds; file again when it has ended.";
    TemporaryPlateDayPassed = "temporary_plate_day_passed", "R164 Art 47",
        "申请的有效期止在可核发之日以前；请重新申请",
        "The last day asked for lies before the day on which the plate could begin; file again.";
    NoPlates = "no_plates", "商消费发〔2022〕92号",
        "该车签注“二手车待销售”，没有号牌，不能办理号牌业务；售出后再办理",
        "The vehicle is in a dealer's stock and bears no plates; what is about its plates or its number waits until it is sold.";
    OwnersDiffer = "owners_differ", "R164 Art 20",
        "两辆机动车不属于同一所有人，不得互换号牌",
        "The vehicles are not one owner's; their numbers are not exchanged.";
    VehicleOperated = "vehicle_operated", "R164 Art 20",
        "机动车使用性质不是非营运，不得互换号牌",
        "The vehicle is operated; its number is not exchanged.";
    ExchangedWithinYear = "exchanged_within_year", "R164 Art 20",
        "同一机动车一年内只能互换一次号牌号码",
        "The vehicle's number was exchanged less than a year ago.";
    UnderInvestigation = "under_investigation", "R164 Art 74",
        "需要调查核实，由民警人工办理",
        "The case is investigated by an officer.";
    MaterialNeededSince = "material_needed_since", "R164 Art 3",
        "受理后车辆状态发生变化，现须提交未曾要求的材料；请备齐后重新提交",
        "Since it was filed, the vehicle has come to need a material that was not asked for; file anew with it.";
    ApplicantBarred = "applicant_barred", "R164 Art 80",
        "申请人或代理人在规定期限内不得再次申请",
        "The applicant or agent is barred from applying for a time.";
    RegisteredElsewhere = "registered_elsewhere", "R164 Art 2",
        "机动车在外地登记，本市车辆管理所不能办理；请到登记地办理，或者先转入",
        "The vehicle is registered elsewhere and not this office's to change; file where it is registered, or have it moved in first.";
    NotSmallCar = "not_small_car", "商消费发〔2022〕92号",
        "反向开票、单独签注只适用于小型、微型非营运载客汽车",
        "A dealer issues the invoice itself, or holds for sale, only small cars that are not operated.";
    DealerNotFiled = "dealer_not_filed", "商消费发〔2022〕92号",
        "买方不在备案的二手车经营主体名单中，不能反向开票或者单独签注",
        "The buyer is not on the list of filed dealers.";

    // What looks unusual; nothing hangs on it.
    ImportedVinCheckDigit = "imported_vin_check_digit", "GB 16735-2019",
        "进口车的车辆识别代号不符合国标校验；许多进口车如此，仍请核对是否录错",
        "The imported vehicle's VIN does not follow the Chinese check digit; many do not, yet check that it was typed right.";
    UnusualCertificateNumber = "unusual_certificate_number", "R164 Art 12(3)",
        "合格证编号通常为 14 或 15 位；请核对是否录错",
        "A conformity certificate number usually has 14 or 15 characters; check that it was typed right.";
    UnusualPlateSerial = "unusual_plate_serial", "GA 36-2018",
        "号牌序号通常最多两个字母；请核对是否录错",
        "A plate's serial usually has two letters at most; check that it was typed right.";
    ChangeFiledLate = "change_filed_late", "R164 Art 23",
        "应在变更后三十日内申请备案，已逾期；仍予办理",
        "A change is to be filed within 30 days; this one is late and is filed all the same.";
    MoveFiledLate = "move_filed_late", "R164 Art 18",
        "应在住所迁移后三十日内申请迁入，已逾期；仍予办理",
        "A move is to be filed within 30 days; this one is late and is handled all the same.";
    AlterationFiledLate = "alteration_filed_late", "R164 Art 16",
        "应在变更后十个工作日内申请变更登记，已逾期；仍予办理",
        "An alteration is to be registered within ten working days; this one is late and is registered all the same.";

    CalendarNotAnnounced = "calendar_not_announced", "R164 Art 92",
        "所列日期涉及国务院办公厅尚未公布节假日安排的年份，暂按周一至周五为工作日计算；公布后可能变动",
        "Dates told here reach into a year whose public holidays are not announced; its working days are counted Monday to Friday until they are.";

    // What is still to be handed in.
    MaterialMissing = "material_missing", "R164 Art 3",
        "尚缺此项材料，请一次补齐",
        "This material is still missing; hand in all that are listed.";
}

/// 审核发现: something the law's rules found in a submission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Finding {
    /// 代码.
    #[cfg_attr(feature = "schema", schema(inline))]
    pub code: Open<FindingCode>,
    /// 说明: what is wrong and what to do, in the language of the request.
    pub message: String,
    /// 依据: article or standard, such as `R164 Art 15(9)` (《机动车登记规定》第十五条第九项).
    pub rule: String,
    /// Place in the submission (RFC 6901), where one is to blame.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// 材料: the material to hand in, where one is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(inline))]
    pub material: Option<Open<MaterialKind>>,
}
