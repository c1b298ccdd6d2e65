//! Code tables of the police platform (GA/T 16), as closed enums.
//!
//! On the wire, plate kinds and vehicle types keep their codes, which everybody in the trade
//! knows by heart; the others are English words. `ga_code` gives the letter for those who talk
//! to today's platform.

use crate::wire_enum::wire_enum;

/// A table whose rows carry the platform's letter where it differs from the word on the wire.
macro_rules! codes {
    (
        $(#[doc = $doc:literal])+
        pub enum $name:ident {
            $($variant:ident = $wire:literal $(($ga:literal))?, $label:literal;)+
        }
    ) => {
        wire_enum! {
            $(#[doc = $doc])+
            pub enum $name { $($variant = $wire, $label;)+ }
        }

        impl $name {
            /// The code on today's police platform.
            #[must_use]
            pub const fn ga_code(self) -> &'static str {
                match self {
                    $(Self::$variant => codes!(@ga $wire $($ga)?),)+
                }
            }
        }
    };

    (@ga $wire:literal) => { $wire };
    (@ga $wire:literal $ga:literal) => { $ga };
}

codes! {
    /// Kind of plate (号牌种类) (GA field `hpzl`), GA/T 16.7. Together with the number it is the key
    /// of a vehicle.
    pub enum PlateKind {
        LargeVehicle = "01", "大型汽车";
        SmallVehicle = "02", "小型汽车";
        EmbassyVehicle = "03", "使馆汽车";
        ConsulateVehicle = "04", "领馆汽车";
        OverseasVehicle = "05", "境外汽车";
        ForeignVehicle = "06", "外籍汽车";
        Motorcycle = "07", "普通摩托车";
        LightMotorcycle = "08", "轻便摩托车";
        EmbassyMotorcycle = "09", "使馆摩托车";
        ConsulateMotorcycle = "10", "领馆摩托车";
        OverseasMotorcycle = "11", "境外摩托车";
        ForeignMotorcycle = "12", "外籍摩托车";
        LowSpeedVehicle = "13", "低速车";
        Tractor = "14", "拖拉机";
        Trailer = "15", "挂车";
        LearnerVehicle = "16", "教练汽车";
        LearnerMotorcycle = "17", "教练摩托车";
        TrialVehicle = "18", "试验汽车";
        TrialMotorcycle = "19", "试验摩托车";
        TemporaryEntryVehicle = "20", "临时入境汽车";
        TemporaryEntryMotorcycle = "21", "临时入境摩托车";
        Temporary = "22", "临时行驶车";
        PoliceVehicle = "23", "警用汽车";
        PoliceMotorcycle = "24", "警用摩托";
        FormerAgricultural = "25", "原农机";
        HongKongCrossBorder = "26", "香港入出境";
        MacaoCrossBorder = "27", "澳门入出境";
        ArmedPolice = "31", "武警";
        Military = "32", "军队";
        Emergency = "33", "应急";
        Unplated = "41", "无号牌";
        Counterfeit = "42", "假号牌";
        Misappropriated = "43", "挪用号牌";
        LargeNewEnergy = "51", "大型新能源";
        SmallNewEnergy = "52", "小型新能源";
        Other = "99", "其他";
    }
}

codes! {
    /// Type of vehicle (车辆类型) (GA field `cllx`), GA/T 16.4: class letter, size digit, form.
    ///
    /// Sources disagree on `H43` and `H44`; here 43 is the closed van and 44 the tank, the
    /// order of the other sizes.
    pub enum VehicleType {
        K11 = "K11", "大型普通客车";
        K12 = "K12", "大型双层客车";
        K13 = "K13", "大型卧铺客车";
        K14 = "K14", "大型铰接客车";
        K15 = "K15", "大型越野客车";
        K16 = "K16", "大型轿车";
        K17 = "K17", "大型专用客车";
        K18 = "K18", "大型专用校车";
        K21 = "K21", "中型普通客车";
        K22 = "K22", "中型双层客车";
        K23 = "K23", "中型卧铺客车";
        K24 = "K24", "中型铰接客车";
        K25 = "K25", "中型越野客车";
        K26 = "K26", "中型轿车";
        K27 = "K27", "中型专用客车";
        K28 = "K28", "中型专用校车";
        K31 = "K31", "小型普通客车";
        K32 = "K32", "小型越野客车";
        K33 = "K33", "小型轿车";
        K34 = "K34", "小型专用客车";
        K38 = "K38", "小型专用校车";
        K39 = "K39", "小型面包车";
        K41 = "K41", "微型普通客车";
        K42 = "K42", "微型越野客车";
        K43 = "K43", "微型轿车";
        K49 = "K49", "微型面包车";
        H11 = "H11", "重型普通货车";
        H12 = "H12", "重型厢式货车";
        H13 = "H13", "重型封闭货车";
        H14 = "H14", "重型罐式货车";
        H15 = "H15", "重型平板货车";
        H16 = "H16", "重型集装厢车";
        H17 = "H17", "重型自卸货车";
        H18 = "H18", "重型特殊结构货车";
        H19 = "H19", "重型仓栅式货车";
        H21 = "H21", "中型普通货车";
        H22 = "H22", "中型厢式货车";
        H23 = "H23", "中型封闭货车";
        H24 = "H24", "中型罐式货车";
        H25 = "H25", "中型平板货车";
        H26 = "H26", "中型集装厢车";
        H27 = "H27", "中型自卸货车";
        H28 = "H28", "中型特殊结构货车";
        H29 = "H29", "中型仓栅式货车";
        H31 = "H31", "轻型普通货车";
        H32 = "H32", "轻型厢式货车";
        H33 = "H33", "轻型封闭货车";
        H34 = "H34", "轻型罐式货车";
        H35 = "H35", "轻型平板货车";
        H37 = "H37", "轻型自卸货车";
        H38 = "H38", "轻型特殊结构货车";
        H39 = "H39", "轻型仓栅式货车";
        H41 = "H41", "微型普通货车";
        H42 = "H42", "微型厢式货车";
        H43 = "H43", "微型封闭货车";
        H44 = "H44", "微型罐式货车";
        H45 = "H45", "微型自卸货车";
        H46 = "H46", "微型特殊结构货车";
        H47 = "H47", "微型仓栅式货车";
        H51 = "H51", "普通低速货车";
        H52 = "H52", "厢式低速货车";
        H53 = "H53", "罐式低速货车";
        H54 = "H54", "自卸低速货车";
        H55 = "H55", "仓栅式低速货车";
        Q11 = "Q11", "重型半挂牵引车";
        Q12 = "Q12", "重型全挂牵引车";
        Q21 = "Q21", "中型半挂牵引车";
        Q22 = "Q22", "中型全挂牵引车";
        Q31 = "Q31", "轻型半挂牵引车";
        Q32 = "Q32", "轻型全挂牵引车";
        Z11 = "Z11", "大型专项作业车";
        Z21 = "Z21", "中型专项作业车";
        Z31 = "Z31", "小型专项作业车";
        Z41 = "Z41", "微型专项作业车";
        Z51 = "Z51", "重型专项作业车";
        Z71 = "Z71", "轻型专项作业车";
        D11 = "D11", "无轨电车";
        D12 = "D12", "有轨电车";
        M11 = "M11", "普通正三轮摩托车";
        M12 = "M12", "轻便正三轮摩托车";
        M13 = "M13", "正三轮载客摩托车";
        M14 = "M14", "正三轮载货摩托车";
        M15 = "M15", "侧三轮摩托车";
        M21 = "M21", "普通二轮摩托车";
        M22 = "M22", "轻便二轮摩托车";
        N11 = "N11", "三轮汽车";
        T11 = "T11", "大型轮式拖拉机";
        T21 = "T21", "小型轮式拖拉机";
        T22 = "T22", "手扶拖拉机";
        T23 = "T23", "手扶变形运输机";
        J11 = "J11", "轮式装载机械";
        J12 = "J12", "轮式挖掘机械";
        J13 = "J13", "轮式平地机械";
        B11 = "B11", "重型普通半挂车";
        B12 = "B12", "重型厢式半挂车";
        B13 = "B13", "重型罐式半挂车";
        B14 = "B14", "重型平板半挂车";
        B15 = "B15", "重型集装箱半挂车";
        B16 = "B16", "重型自卸半挂车";
        B17 = "B17", "重型特殊结构半挂车";
        B18 = "B18", "重型仓栅式半挂车";
        B19 = "B19", "重型旅居半挂车";
        B1A = "B1A", "重型专项作业半挂车";
        B1B = "B1B", "重型低平板半挂车";
        B21 = "B21", "中型普通半挂车";
        B22 = "B22", "中型厢式半挂车";
        B23 = "B23", "中型罐式半挂车";
        B24 = "B24", "中型平板半挂车";
        B25 = "B25", "中型集装箱半挂车";
        B26 = "B26", "中型自卸半挂车";
        B27 = "B27", "中型特殊结构半挂车";
        B28 = "B28", "中型仓栅式半挂车";
        B29 = "B29", "中型旅居半挂车";
        B2A = "B2A", "中型专项作业半挂车";
        B2B = "B2B", "中型低平板半挂车";
        B31 = "B31", "轻型普通半挂车";
        B32 = "B32", "轻型厢式半挂车";
        B33 = "B33", "轻型罐式半挂车";
        B34 = "B34", "轻型平板半挂车";
        B35 = "B35", "轻型自卸半挂车";
        B36 = "B36", "轻型仓栅式半挂车";
        B37 = "B37", "轻型旅居半挂车";
        B38 = "B38", "轻型专项作业半挂车";
        B39 = "B39", "轻型低平板半挂车";
        G11 = "G11", "重型普通全挂车";
        G12 = "G12", "重型厢式全挂车";
        G13 = "G13", "重型罐式全挂车";
        G14 = "G14", "重型平板全挂车";
        G15 = "G15", "重型集装箱全挂车";
        G16 = "G16", "重型自卸全挂车";
        G17 = "G17", "重型仓栅式全挂车";
        G18 = "G18", "重型旅居全挂车";
        G19 = "G19", "重型专项作业全挂车";
        G21 = "G21", "中型普通全挂车";
        G22 = "G22", "中型厢式全挂车";
        G23 = "G23", "中型罐式全挂车";
        G24 = "G24", "中型平板全挂车";
        G25 = "G25", "中型集装箱全挂车";
        G26 = "G26", "中型自卸全挂车";
        G27 = "G27", "中型仓栅式全挂车";
        G28 = "G28", "中型旅居全挂车";
        G29 = "G29", "中型专项作业全挂车";
        G31 = "G31", "轻型普通全挂车";
        G32 = "G32", "轻型厢式全挂车";
        G33 = "G33", "轻型罐式全挂车";
        G34 = "G34", "轻型平板全挂车";
        G35 = "G35", "轻型自卸全挂车";
        G36 = "G36", "轻型仓栅式全挂车";
        G37 = "G37", "轻型旅居全挂车";
        G38 = "G38", "轻型专项作业全挂车";
        X99 = "X99", "其它";
    }
}

codes! {
    /// What the vehicle is used for (使用性质) (GA field `syxz`), GA/T 16.3.
    pub enum UseCharacter {
        NonOperating = "non_operating" ("A"), "非营运";
        RoadPassenger = "road_passenger" ("B"), "公路客运";
        CityBus = "city_bus" ("C"), "公交客运";
        Taxi = "taxi" ("D"), "出租客运";
        Tourism = "tourism" ("E"), "旅游客运";
        Freight = "freight" ("F"), "货运";
        Rental = "rental" ("G"), "租赁";
        Police = "police" ("H"), "警用";
        Fire = "fire" ("I"), "消防";
        Ambulance = "ambulance" ("J"), "救护";
        EngineeringRescue = "engineering_rescue" ("K"), "工程救险";
        ConvertedFromOperating = "converted_from_operating" ("L"), "营转非";
        ConvertedFromTaxi = "converted_from_taxi" ("M"), "出租转非";
        CoachTraining = "coach_training" ("N"), "教练";
        KindergartenSchoolBus = "kindergarten_school_bus" ("O"), "幼儿校车";
        PrimarySchoolBus = "primary_school_bus" ("P"), "小学生校车";
        MiddleSchoolBus = "middle_school_bus" ("Q"), "初中生校车";
        DangerousGoods = "dangerous_goods" ("R"), "危化品运输";
        SchoolBus = "school_bus" ("S"), "中小学生校车";
        ReservedTaxi = "reserved_taxi" ("T"), "预约出租客运";
        ConvertedFromReservedTaxi = "converted_from_reserved_taxi" ("U"), "预约出租转非";
        Other = "other" ("Z"), "其他";
    }
}

codes! {
    /// Energy (燃料/能源种类) (GA field `rlzl`), GA/T 16.9. A vehicle may have up to three.
    pub enum Fuel {
        Petrol = "petrol" ("A"), "汽油";
        Diesel = "diesel" ("B"), "柴油";
        Electric = "electric" ("C"), "电";
        MixedOil = "mixed_oil" ("D"), "混合油";
        NaturalGas = "natural_gas" ("E"), "天然气";
        LiquefiedPetroleumGas = "liquefied_petroleum_gas" ("F"), "液化石油气";
        Methanol = "methanol" ("L"), "甲醇";
        Ethanol = "ethanol" ("M"), "乙醇";
        Solar = "solar" ("N"), "太阳能";
        Hybrid = "hybrid" ("O"), "混合动力";
        Hydrogen = "hydrogen" ("P"), "氢";
        Biofuel = "biofuel" ("Q"), "生物燃料";
        None = "none" ("Y"), "无";
        Other = "other" ("Z"), "其他";
    }
}

codes! {
    /// Colour of the body (车身颜色) (GA field `csys`), GA/T 16.8. A vehicle may have up to three;
    /// silver counts as grey.
    pub enum BodyColor {
        White = "white" ("A"), "白";
        Grey = "grey" ("B"), "灰";
        Yellow = "yellow" ("C"), "黄";
        Pink = "pink" ("D"), "粉";
        Red = "red" ("E"), "红";
        Purple = "purple" ("F"), "紫";
        Green = "green" ("G"), "绿";
        Blue = "blue" ("H"), "蓝";
        Brown = "brown" ("I"), "棕";
        Black = "black" ("J"), "黑";
        Other = "other" ("Z"), "其他";
    }
}

codes! {
    /// How the owner came by the vehicle (获得方式) (GA field `hdfs`), GA/T 16.1.
    pub enum AcquisitionMethod {
        Purchase = "purchase" ("A"), "购买";
        Gift = "gift" ("B"), "赠予";
        Inheritance = "inheritance" ("C"), "继承";
        CourtMediation = "court_mediation" ("D"), "法院调解";
        Allocation = "allocation" ("E"), "调拨";
        DebtSettlement = "debt_settlement" ("F"), "协议抵偿债务";
        MilitaryTransfer = "military_transfer" ("G"), "军转";
        ArbitrationAward = "arbitration_award" ("H"), "仲裁裁决";
        AssetRestructuring = "asset_restructuring" ("I"), "资产重组";
        WholeAssetSale = "whole_asset_sale" ("J"), "资产整体买卖";
        CourtRuling = "court_ruling" ("K"), "法院裁定";
        CourtJudgment = "court_judgment" ("L"), "法院判决";
        BroughtFromAbroad = "brought_from_abroad" ("M"), "境外自带";
        Prize = "prize" ("N"), "中奖";
        DivorceAgreement = "divorce_agreement" ("O"), "协议离婚";
        Other = "other" ("Z"), "其他";
    }
}

codes! {
    /// One flag of a vehicle's status (机动车状态) (GA field `zt`), GA/T 16.17. A vehicle carries a
    /// set of them; none set means normal (正常, letter A).
    pub enum VehicleStatusFlag {
        TransferredOut = "transferred_out" ("B"), "转出";
        Stolen = "stolen" ("C"), "被盗抢";
        OffRoad = "off_road" ("D"), "停驶";
        Deregistered = "deregistered" ("E"), "注销";
        ViolationPending = "violation_pending" ("G"), "违法未处理";
        CustomsSupervised = "customs_supervised" ("H"), "海关监管";
        AccidentPending = "accident_pending" ("I"), "事故未处理";
        Suspect = "suspect" ("J"), "嫌疑车";
        Sealed = "sealed" ("K"), "查封";
        Detained = "detained" ("L"), "扣留";
        ForciblyDeregistered = "forcibly_deregistered" ("M"), "强制注销";
        HitAndRun = "hit_and_run" ("N"), "事故逃逸";
        Locked = "locked" ("O"), "锁定";
        ScrapAnnounced = "scrap_announced" ("P"), "达到报废标准公告牌证作废";
        InspectionOverdue = "inspection_overdue" ("Q"), "逾期未检验";
    }
}

codes! {
    /// Kind of mortgagee (抵押权人类型) (GA field `dyqrlx`).
    pub enum LenderKind {
        Bank = "bank" ("1"), "商业银行";
        AutoFinance = "auto_finance" ("2"), "汽车金融机构";
    }
}

impl VehicleType {
    /// The class letter: K 客车, H 货车, Q 牵引车, Z 专项作业车, D 电车, M 摩托车, N 三轮汽车,
    /// T 拖拉机, J 轮式机械, G 全挂车, B 半挂车, X 其他.
    #[must_use]
    pub const fn class_letter(self) -> char {
        self.as_str().as_bytes()[0] as char
    }

    /// The size digit, as the class understands it: for passenger vehicles 1 large, 2 medium,
    /// 3 small, 4 micro; for trucks, tractor units and trailers 1 heavy, 2 medium, 3 light,
    /// 4 micro, 5 low-speed.
    #[must_use]
    pub const fn size_digit(self) -> u8 {
        self.as_str().as_bytes()[1].wrapping_sub(b'0')
    }

    /// A passenger vehicle (载客汽车), class K.
    #[must_use]
    pub const fn is_passenger(self) -> bool {
        self.class_letter() == 'K'
    }

    /// A small or micro passenger vehicle (小型、微型载客汽车), vans included.
    #[must_use]
    pub const fn is_small_or_micro_passenger(self) -> bool {
        self.is_passenger() && matches!(self.size_digit(), 3 | 4)
    }

    /// A large or medium passenger vehicle (大型、中型载客汽车).
    #[must_use]
    pub const fn is_large_or_medium_passenger(self) -> bool {
        self.is_passenger() && matches!(self.size_digit(), 1 | 2)
    }

    /// A van (面包车), K39 or K49: never exempt from the inspection line. A K31 with seven
    /// seats is none.
    #[must_use]
    pub const fn is_van(self) -> bool {
        matches!(self, Self::K39 | Self::K49)
    }

    /// A vehicle built as a school bus (专用校车).
    #[must_use]
    pub const fn is_dedicated_school_bus(self) -> bool {
        matches!(self, Self::K18 | Self::K28 | Self::K38)
    }

    /// A motorcycle (摩托车), class M.
    #[must_use]
    pub const fn is_motorcycle(self) -> bool {
        self.class_letter() == 'M'
    }

    /// A light motorcycle (轻便摩托车), with two or three wheels.
    #[must_use]
    pub const fn is_light_motorcycle(self) -> bool {
        matches!(self, Self::M12 | Self::M22)
    }

    /// A truck (载货汽车): classes H, Q (牵引车) and N (三轮汽车), as GA 802 groups them
    /// (not verified in print).
    #[must_use]
    pub const fn is_truck(self) -> bool {
        matches!(self.class_letter(), 'H' | 'Q' | 'N')
    }

    /// A trailer (挂车), full or semi.
    #[must_use]
    pub const fn is_trailer(self) -> bool {
        matches!(self.class_letter(), 'B' | 'G')
    }
}

impl PlateKind {
    /// Whether the kind is reserved for new-energy vehicles (新能源号牌), 51 or 52.
    #[must_use]
    pub const fn is_new_energy(self) -> bool {
        matches!(self, Self::LargeNewEnergy | Self::SmallNewEnergy)
    }

    /// The kind of plate an ordinary civilian vehicle of this type gets, GA 36-2018.
    ///
    /// Special-purpose vehicles go by their size. Motorcycles, trailers and low-speed vehicles
    /// have no new-energy plate. `None` where the police issue no plate of a common kind:
    /// tractors, wheeled machinery, other. Learner, police and cross-border plates depend on
    /// more than the type.
    #[must_use]
    pub const fn for_vehicle(vehicle: VehicleType, new_energy: bool) -> Option<Self> {
        let large = match (vehicle.class_letter(), vehicle.size_digit()) {
            ('M', _) if vehicle.is_light_motorcycle() => return Some(Self::LightMotorcycle),
            ('M', _) => return Some(Self::Motorcycle),
            ('B' | 'G', _) => return Some(Self::Trailer),
            ('N', _) | ('H', 5) => return Some(Self::LowSpeedVehicle),
            ('K' | 'H', size) => size <= 2,
            // Special-purpose vehicles count 5 as heavy and 7 as light.
            ('Z', size) => matches!(size, 1 | 2 | 5),
            ('Q' | 'D', _) => true,
            _ => return None,
        };
        Some(match (large, new_energy) {
            (true, false) => Self::LargeVehicle,
            (true, true) => Self::LargeNewEnergy,
            (false, false) => Self::SmallVehicle,
            (false, true) => Self::SmallNewEnergy,
        })
    }
}

impl UseCharacter {
    /// A school bus (校车) of any kind.
    #[must_use]
    pub const fn is_school_bus(self) -> bool {
        matches!(
            self,
            Self::KindergartenSchoolBus
                | Self::PrimarySchoolBus
                | Self::MiddleSchoolBus
                | Self::SchoolBus
        )
    }

    /// Once operating, now not (营转非, 出租转非, 预约出租转非).
    #[must_use]
    pub const fn is_converted(self) -> bool {
        matches!(
            self,
            Self::ConvertedFromOperating
                | Self::ConvertedFromTaxi
                | Self::ConvertedFromReservedTaxi
        )
    }

    /// 营运, or whatever else is neither 非营运 nor converted to it.
    #[must_use]
    pub const fn is_operated(self) -> bool {
        !matches!(self, Self::NonOperating) && !self.is_converted()
    }
}
