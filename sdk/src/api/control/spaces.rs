use bon::Builder;
use http::Method;
use serde::{Deserialize, Serialize};

use super::{ClockState, JournalBytes, Pace, SPACES};
use crate::{
    api::{
        Access, Created, Found, Json, NoBody, NoContent, NoParams, Open, Operation, OperatorId,
        OutletId, OutletKind, PageSize, ProblemCode, Repeat, Tag,
        ids::opaque,
        operation::{Link, sealed::Sealed},
        quantity::quantity,
    },
    moment::Moment,
};

const OF_SPACE: &[ProblemCode] = &[ProblemCode::SpaceNotFound];

/// Where a space leads.
const LINKS: &[Link] = &[
    link("space", "get_space"),
    link("clock", "set_clock"),
    link("fork", "fork_space"),
    link("reset", "reset_space"),
    link("delete", "delete_space"),
];

const fn link(name: &'static str, operation_id: &'static str) -> Link {
    Link {
        name,
        operation_id,
        parameters: &[("space_id", "$response.body#/space_id")],
    }
}

/// Creates a space.
pub struct CreateSpace;

impl Sealed for CreateSpace {}

impl Operation for CreateSpace {
    const ID: &'static str = "create_space";
    const SUMMARY: &'static str = "新建空间 · Create a space";
    const DESCRIPTION: &'static str = "A fresh authority with its own clock, records, numbers and credentials. Equal settings and \
        equal requests give equal answers, apart from the client ids, which name the space.";
    const TAG: Tag = SPACES;
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/sandbox/v1/spaces";
    const REPEAT: Repeat = Repeat::Safe;
    const ACCESS: Access = Access::Admin;
    const PROBLEMS: &'static [ProblemCode] = &[ProblemCode::LimitReached];
    const LINKS: &'static [Link] = LINKS;

    type Path = NoParams;
    type Query = NoParams;
    type Body = Json<NewSpace>;
    type Output = Created<SpaceCreated>;
}

/// Lists the spaces.
pub struct ListSpaces;

impl Sealed for ListSpaces {}

impl Operation for ListSpaces {
    const ID: &'static str = "list_spaces";
    const SUMMARY: &'static str = "查询空间 · List spaces";
    const DESCRIPTION: &'static str = "In the order in which they were created; `space-0` is the sandbox's first, which those use \
        who create none.";
    const TAG: Tag = SPACES;
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/sandbox/v1/spaces";
    const REPEAT: Repeat = Repeat::Safe;
    const ACCESS: Access = Access::Admin;
    const PROBLEMS: &'static [ProblemCode] = &[ProblemCode::InvalidPageToken];

    type Path = NoParams;
    type Query = SpaceFilter;
    type Body = NoBody;
    type Output = Found<SpacePage>;
}

/// Reads one space.
pub struct GetSpace;

impl Sealed for GetSpace {}

impl Operation for GetSpace {
    const ID: &'static str = "get_space";
    const SUMMARY: &'static str = "查询单个空间 · Read one space";
    const DESCRIPTION: &'static str = "Its settings, its clock and how much is in it.";
    const TAG: Tag = SPACES;
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/sandbox/v1/spaces/{space_id}";
    const REPEAT: Repeat = Repeat::Safe;
    const ACCESS: Access = Access::Admin;
    const PROBLEMS: &'static [ProblemCode] = OF_SPACE;

    type Path = SpacePath;
    type Query = NoParams;
    type Body = NoBody;
    type Output = Found<Space>;
}

/// Deletes a space.
pub struct DeleteSpace;

impl Sealed for DeleteSpace {}

impl Operation for DeleteSpace {
    const ID: &'static str = "delete_space";
    const SUMMARY: &'static str = "删除空间 · Delete a space";
    const DESCRIPTION: &'static str = "With everything in it; its id and its credentials are never given again. The first space \
        stays.";
    const TAG: Tag = SPACES;
    const METHOD: Method = Method::DELETE;
    const PATH: &'static str = "/sandbox/v1/spaces/{space_id}";
    const REPEAT: Repeat = Repeat::Safe;
    const ACCESS: Access = Access::Admin;
    const PROBLEMS: &'static [ProblemCode] =
        &[ProblemCode::SpaceNotFound, ProblemCode::FirstSpaceStays];

    type Path = SpacePath;
    type Query = NoParams;
    type Body = NoBody;
    type Output = NoContent;
}

/// Resets a space.
pub struct ResetSpace;

impl Sealed for ResetSpace {}

impl Operation for ResetSpace {
    const ID: &'static str = "reset_space";
    const SUMMARY: &'static str = "重置空间 · Reset a space";
    const DESCRIPTION: &'static str = "Back to what it was when it was created: settings, clock, records, numbers, faults, journal. \
        Its credentials and its snapshots stay; access tokens and event cursors given before are refused.";
    const TAG: Tag = SPACES;
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/sandbox/v1/spaces/{space_id}/reset";
    const REPEAT: Repeat = Repeat::Safe;
    const ACCESS: Access = Access::Admin;
    const PROBLEMS: &'static [ProblemCode] = OF_SPACE;

    type Path = SpacePath;
    type Query = NoParams;
    type Body = NoBody;
    type Output = Found<Space>;
}

/// Forks a space.
pub struct ForkSpace;

impl Sealed for ForkSpace {}

impl Operation for ForkSpace {
    const ID: &'static str = "fork_space";
    const SUMMARY: &'static str = "复制空间 · Fork a space";
    const DESCRIPTION: &'static str = "A new space that goes on from where this one stands, with credentials of its own: set the \
        scene once, then try every ending. Snapshots and journal are not taken along.";
    const TAG: Tag = SPACES;
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/sandbox/v1/spaces/{space_id}/forks";
    const REPEAT: Repeat = Repeat::Safe;
    const ACCESS: Access = Access::Admin;
    const PROBLEMS: &'static [ProblemCode] =
        &[ProblemCode::SpaceNotFound, ProblemCode::LimitReached];
    const LINKS: &'static [Link] = LINKS;

    type Path = SpacePath;
    type Query = NoParams;
    type Body = NoBody;
    type Output = Created<SpaceCreated>;
}

/// Takes a snapshot of a space.
pub struct TakeSnapshot;

impl Sealed for TakeSnapshot {}

impl Operation for TakeSnapshot {
    const ID: &'static str = "take_snapshot";
    const SUMMARY: &'static str = "拍摄快照 · Take a snapshot";
    const DESCRIPTION: &'static str =
        "Keeps how the space stands now, at most 100 at a time; the space goes on.";
    const TAG: Tag = SPACES;
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/sandbox/v1/spaces/{space_id}/snapshots";
    const REPEAT: Repeat = Repeat::Safe;
    const ACCESS: Access = Access::Admin;
    const PROBLEMS: &'static [ProblemCode] =
        &[ProblemCode::SpaceNotFound, ProblemCode::LimitReached];
    const LINKS: &'static [Link] = &[
        snapshot_link("restore", "restore_snapshot"),
        snapshot_link("delete", "delete_snapshot"),
    ];

    type Path = SpacePath;
    type Query = NoParams;
    type Body = NoBody;
    type Output = Created<Snapshot>;
}

const fn snapshot_link(name: &'static str, operation_id: &'static str) -> Link {
    Link {
        name,
        operation_id,
        parameters: &[
            ("space_id", "$response.body#/space_id"),
            ("snapshot_id", "$response.body#/snapshot_id"),
        ],
    }
}

/// Restores a snapshot.
pub struct RestoreSnapshot;

impl Sealed for RestoreSnapshot {}

impl Operation for RestoreSnapshot {
    const ID: &'static str = "restore_snapshot";
    const SUMMARY: &'static str = "恢复快照 · Restore a snapshot";
    const DESCRIPTION: &'static str = "The space is again as it was, its clock included; the snapshot stays and may be restored \
        again. The journal goes on. Access tokens and event cursors given after the snapshot are refused, those \
        given before are good; event ids go on behind all that were ever given, other numbers repeat.";
    const TAG: Tag = SPACES;
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/sandbox/v1/spaces/{space_id}/snapshots/{snapshot_id}/restore";
    const REPEAT: Repeat = Repeat::Safe;
    const ACCESS: Access = Access::Admin;
    const PROBLEMS: &'static [ProblemCode] =
        &[ProblemCode::SpaceNotFound, ProblemCode::SnapshotNotFound];

    type Path = SnapshotPath;
    type Query = NoParams;
    type Body = NoBody;
    type Output = Found<Space>;
}

/// Deletes a snapshot.
pub struct DeleteSnapshot;

impl Sealed for DeleteSnapshot {}

impl Operation for DeleteSnapshot {
    const ID: &'static str = "delete_snapshot";
    const SUMMARY: &'static str = "删除快照 · Delete a snapshot";
    const DESCRIPTION: &'static str = "The space itself does not change.";
    const TAG: Tag = SPACES;
    const METHOD: Method = Method::DELETE;
    const PATH: &'static str = "/sandbox/v1/spaces/{space_id}/snapshots/{snapshot_id}";
    const REPEAT: Repeat = Repeat::Safe;
    const ACCESS: Access = Access::Admin;
    const PROBLEMS: &'static [ProblemCode] =
        &[ProblemCode::SpaceNotFound, ProblemCode::SnapshotNotFound];

    type Path = SnapshotPath;
    type Query = NoParams;
    type Body = NoBody;
    type Output = NoContent;
}

opaque! {
    /// 空间编号.
    SpaceId, 1..=64, "A-Za-z0-9_-", crate::api::ids::id_character, "space-1";
    /// 快照编号.
    SnapshotId, 1..=64, "A-Za-z0-9_-", crate::api::ids::id_character, "snapshot-1";
}

/// Writes names made of a word and a number.
macro_rules! numbered {
    ($( $name:ident, $prefix:literal; )+) => { $(
        impl $name {
            /// The name of a number.
            #[must_use]
            pub fn numbered(number: u32) -> Self {
                Self::given(format!(concat!($prefix, "-{}"), number))
            }

            /// The number of a name, written as [`Self::numbered`] does.
            #[must_use]
            pub fn number(&self) -> Option<u32> {
                let digits = self.as_str().strip_prefix(concat!($prefix, "-"))?;
                let number = digits.parse().ok()?;
                (Self::numbered(number) == *self).then_some(number)
            }
        }
    )+ };
}
numbered! {
    SpaceId, "space";
    SnapshotId, "snapshot";
}

quantity! {
    /// 种子: decides identifiers, plates, secrets and every other chance of a space.
    Seed(u64), 0..=9_007_199_254_740_991;
    /// Requests allowed to each credential in one window.
    WindowRequests(u32), 1..=1_000_000;
    /// Length of a window, in seconds of the space's clock.
    WindowSeconds(u32), 1..=86_400;
}

/// 新空间: what a space is created with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct NewSpace {
    /// 种子; the sandbox's own when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<Seed>,
    /// 办理速度; the sandbox's own when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pace: Option<Pace>,
    /// With the pace `after_polls`, and only then: how many times an application is read before it
    /// moves on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub polls: Option<super::Polls>,
    /// What the clock shows first, from 1970 on; the sandbox's own start when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_time: Option<Moment>,
    /// Whether the clock stands still from the start; it runs when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frozen: Option<bool>,
    /// 限流: requests allowed to each credential; unlimited when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_limit: Option<SpaceRateLimit>,
    /// 日志容量 in bytes, 0 for no journal; the sandbox's own, 16 MiB, when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub journal_bytes: Option<JournalBytes>,
    /// 网点类型 whose credentials are wanted; those of every kind when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outlet_kind: Option<OutletKind>,
}

/// 限流: so many requests in so many seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SpaceRateLimit {
    /// Requests allowed in one window.
    pub requests: WindowRequests,
    /// Length of a window in seconds of the space's clock.
    pub seconds: WindowSeconds,
}

/// 新空间 with what one needs to use it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SpaceCreated {
    /// 空间编号.
    pub space_id: SpaceId,
    /// 种子.
    pub seed: u64,
    /// 办理速度.
    #[cfg_attr(feature = "schema", schema(inline))]
    pub pace: Open<Pace>,
    /// 时钟.
    pub clock: ClockState,
    /// 合作单位凭证: the first partner of each kind, then the second of each.
    pub credentials: Vec<SpaceCredential>,
}

/// 合作单位凭证, as in the line the sandbox prints when it is ready.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SpaceCredential {
    /// 网点类型.
    #[cfg_attr(feature = "schema", schema(inline))]
    pub outlet_kind: Open<OutletKind>,
    /// 网点编号: the partner's first outlet.
    pub outlet_id: OutletId,
    /// 经办人编号: a certified operator of that outlet.
    pub operator_id: OperatorId,
    /// The name to ask for tokens with.
    pub client_id: String,
    /// The secret to ask for tokens with.
    #[cfg_attr(feature = "schema", schema(format = "password"))]
    pub client_secret: String,
}

/// Without the secret.
impl std::fmt::Debug for SpaceCredential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SpaceCredential")
            .field("outlet_kind", &self.outlet_kind)
            .field("outlet_id", &self.outlet_id)
            .field("operator_id", &self.operator_id)
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

/// 空间.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Space {
    /// 空间编号.
    pub space_id: SpaceId,
    /// 种子.
    pub seed: u64,
    /// 办理速度.
    #[cfg_attr(feature = "schema", schema(inline))]
    pub pace: Open<Pace>,
    /// With the pace `after_polls`: how many times an application is read before it moves on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub polls: Option<u32>,
    /// 时钟.
    pub clock: ClockState,
    /// How many applications were filed in it.
    pub applications: u32,
    /// 推送中: webhook attempts that are due or under way; at 0, all that is due was attempted.
    pub pushes_waiting: u32,
    /// 快照, the oldest first.
    pub snapshots: Vec<Snapshot>,
}

/// 快照.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Snapshot {
    /// 快照编号.
    pub snapshot_id: SnapshotId,
    /// The space it was taken of.
    pub space_id: SpaceId,
    /// What the space's clock showed.
    pub taken_at: Moment,
}

/// Which spaces to list.
#[derive(Clone, Debug, Default, Serialize, Deserialize, Builder)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SpaceFilter {
    /// Entries a page, 1 to 200; 50 when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page_size: Option<PageSize>,
    /// `next_page_token` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page_token: Option<String>,
}

/// One page of spaces.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SpacePage {
    /// This page's entries.
    pub items: Vec<Space>,
    /// Asks for the page after; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_page_token: Option<String>,
}

/// Names one space.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SpacePath {
    /// 空间编号.
    pub space_id: SpaceId,
}

/// Names one snapshot of a space.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SnapshotPath {
    /// 空间编号.
    pub space_id: SpaceId,
    /// 快照编号.
    pub snapshot_id: SnapshotId,
}
