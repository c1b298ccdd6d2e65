//! A typed client of the control interface.

use lingminban::{
    Client, Error,
    api::{
        Application, ApplicationId, Body, Created, Encoded, Found, Json, NoBody, NoParams,
        Operation, control::*,
    },
    client::{ConfigError, Proxy},
    identifiers::Vin,
    text::Language,
};

const NO_PARAMS: NoParams = NoParams {};

/// 沙箱控制: commands to a sandbox, from this process or another.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use lingminban::api::control::{ClockMove, NewSpace};
/// use lingminban_sandbox::Sandbox;
///
/// let sandbox = Sandbox::start().await?;
/// let control = sandbox.control()?;
/// let space = control.create_space(NewSpace::default()).await?;
/// let clock = control.clock(&space.space_id, ClockMove::Advance("P30D".parse()?)).await?;
/// assert_eq!(clock.now.date().to_string(), "2026-04-01");
/// control.delete_space(&space.space_id).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Control {
    client: Client,
}

/// Every method fails as [`Error`] describes.
#[allow(clippy::missing_errors_doc, reason = "said once, above")]
impl Control {
    /// A client of the sandbox at an address such as `http://127.0.0.1:8080`, with the token it was
    /// started with, if it was started with one. No proxy: a sandbox is next door.
    pub fn new(base_url: &str, admin_token: Option<&str>) -> Result<Self, ConfigError> {
        Self::trusting(base_url, admin_token, b"")
    }

    /// The same for a sandbox behind TLS: these PEM certificates are trusted beside the system's.
    pub fn trusting(
        base_url: &str,
        admin_token: Option<&str>,
        ca_pem: &[u8],
    ) -> Result<Self, ConfigError> {
        Self::speaking(Language::Chinese, base_url, admin_token, ca_pem)
    }

    /// The same, with problems in this language. Without certificates the system's alone are trusted.
    pub fn speaking(
        language: Language,
        base_url: &str,
        admin_token: Option<&str>,
        ca_pem: &[u8],
    ) -> Result<Self, ConfigError> {
        let mut client = Client::builder()
            .language(language)
            .base_url(base_url)
            .client_id("sandbox-admin")
            .client_secret(admin_token.unwrap_or_default())
            .proxy(Proxy::Off)
            .allow_plain_http(true);
        if !ca_pem.is_empty() {
            client = client.ca_certificates_pem(ca_pem);
        }
        Ok(Self {
            client: client.build()?,
        })
    }

    /// Any control operation; the other methods are made of this.
    pub async fn call<O: Operation>(
        &self,
        path: &O::Path,
        query: &O::Query,
        body: &O::Body,
    ) -> Result<O::Output, Error> {
        let reply = self.client.call::<O>(path, query, body, None).await?;
        Ok(reply.output)
    }

    /// 新建空间.
    pub async fn create_space(&self, space: NewSpace) -> Result<SpaceCreated, Error> {
        let Created(space) = self
            .call::<CreateSpace>(&NO_PARAMS, &NO_PARAMS, &Json(space))
            .await?;
        Ok(space)
    }

    /// 查询空间: one page.
    pub async fn list_spaces(&self, filter: &SpaceFilter) -> Result<SpacePage, Error> {
        let Found(page) = self.call::<ListSpaces>(&NO_PARAMS, filter, &NoBody).await?;
        Ok(page)
    }

    /// 查询单个空间.
    pub async fn get_space(&self, space: &SpaceId) -> Result<Space, Error> {
        let Found(space) = self.of_space::<GetSpace>(space, &NoBody).await?;
        Ok(space)
    }

    /// 删除空间.
    pub async fn delete_space(&self, space: &SpaceId) -> Result<(), Error> {
        self.of_space::<DeleteSpace>(space, &NoBody).await?;
        Ok(())
    }

    /// 重置空间.
    pub async fn reset_space(&self, space: &SpaceId) -> Result<Space, Error> {
        let Found(space) = self.of_space::<ResetSpace>(space, &NoBody).await?;
        Ok(space)
    }

    /// 复制空间.
    pub async fn fork_space(&self, space: &SpaceId) -> Result<SpaceCreated, Error> {
        let Created(fork) = self.of_space::<ForkSpace>(space, &NoBody).await?;
        Ok(fork)
    }

    /// 拍摄快照.
    pub async fn take_snapshot(&self, space: &SpaceId) -> Result<Snapshot, Error> {
        let Created(snapshot) = self.of_space::<TakeSnapshot>(space, &NoBody).await?;
        Ok(snapshot)
    }

    /// 恢复快照.
    pub async fn restore_snapshot(&self, snapshot: &Snapshot) -> Result<Space, Error> {
        let Found(space) = self
            .call::<RestoreSnapshot>(&path_of(snapshot), &NO_PARAMS, &NoBody)
            .await?;
        Ok(space)
    }

    /// 删除快照.
    pub async fn delete_snapshot(&self, snapshot: &Snapshot) -> Result<(), Error> {
        self.call::<DeleteSnapshot>(&path_of(snapshot), &NO_PARAMS, &NoBody)
            .await?;
        Ok(())
    }

    /// 拨动时钟.
    pub async fn clock(&self, space: &SpaceId, to: ClockMove) -> Result<ClockState, Error> {
        let Found(clock) = self.of_space::<SetClock>(space, &Json(to.into())).await?;
        Ok(clock)
    }

    /// 设定办理速度.
    pub async fn set_pace(&self, space: &SpaceId, pace: PaceCommand) -> Result<Space, Error> {
        let Found(space) = self.of_space::<SetPace>(space, &Json(pace)).await?;
        Ok(space)
    }

    /// 代为决定.
    pub async fn decide(
        &self,
        space: &SpaceId,
        application: &ApplicationId,
        decision: DecisionCommand,
    ) -> Result<Application, Error> {
        let path = SpaceApplicationPath {
            space_id: space.clone(),
            application_id: application.clone(),
        };
        let Found(application) = self
            .call::<DecideApplication>(&path, &NO_PARAMS, &Json(decision))
            .await?;
        Ok(application)
    }

    /// 登记在用车.
    pub async fn put_vehicle(
        &self,
        space: &SpaceId,
        vin: Vin,
        record: VehicleOnRecord,
    ) -> Result<VehicleStanding, Error> {
        let Found(standing) = self
            .call::<PutVehicle>(&vehicle(space, vin), &NO_PARAMS, &Json(record))
            .await?;
        Ok(standing)
    }

    /// 设定机动车状态.
    pub async fn set_flags(
        &self,
        space: &SpaceId,
        vin: Vin,
        flags: FlagCommand,
    ) -> Result<VehicleStanding, Error> {
        let Found(standing) = self
            .call::<SetFlags>(&vehicle(space, vin), &NO_PARAMS, &Json(flags))
            .await?;
        Ok(standing)
    }

    /// 设定数据共享.
    pub async fn set_lookups(
        &self,
        space: &SpaceId,
        vin: Vin,
        lookups: LookupCommand,
    ) -> Result<VehicleStanding, Error> {
        let Found(standing) = self
            .call::<SetLookups>(&vehicle(space, vin), &NO_PARAMS, &Json(lookups))
            .await?;
        Ok(standing)
    }

    /// 触发事件.
    pub async fn fire_event(
        &self,
        space: &SpaceId,
        event: FireCommand,
    ) -> Result<FiredEvent, Error> {
        let Found(fired) = self.of_space::<FireEvent>(space, &Json(event)).await?;
        Ok(fired)
    }

    /// 查询短信: one page.
    pub async fn list_messages(
        &self,
        space: &SpaceId,
        filter: &MessageFilter,
    ) -> Result<MessagePage, Error> {
        let Found(page) = self
            .call::<ListMessages>(&named(space), filter, &NoBody)
            .await?;
        Ok(page)
    }

    /// 查询请求日志: one page.
    pub async fn journal(
        &self,
        space: &SpaceId,
        filter: &JournalFilter,
    ) -> Result<JournalPage, Error> {
        let Found(page) = self
            .call::<ListJournal>(&named(space), filter, &NoBody)
            .await?;
        Ok(page)
    }

    /// 导出请求日志: every entry that passes, as JSON Lines, HAR or commands of `curl`.
    pub async fn export_journal(
        &self,
        space: &SpaceId,
        query: &ExportQuery,
    ) -> Result<String, Error> {
        let export = self
            .call::<ExportJournal>(&named(space), query, &NoBody)
            .await?;
        Ok(export.text)
    }

    /// 清空请求日志.
    pub async fn clear_journal(&self, space: &SpaceId) -> Result<(), Error> {
        self.of_space::<ClearJournal>(space, &NoBody).await?;
        Ok(())
    }

    /// 设定故障脚本: the whole script, in place of the one before.
    pub async fn set_faults(
        &self,
        space: &SpaceId,
        script: impl Into<FaultScript>,
    ) -> Result<FaultCounts, Error> {
        let body = Json(script.into());
        let Found(counts) = self.of_space::<SetFaults>(space, &body).await?;
        Ok(counts)
    }

    /// 设定故障脚本 as somebody wrote it, in JSON: of one that is wrong the sandbox tells every fault.
    pub async fn set_faults_as_written(
        &self,
        space: &SpaceId,
        script: Vec<u8>,
    ) -> Result<FaultCounts, Error> {
        let body = Encoded {
            media_type: Some("application/json"),
            bytes: script,
        };
        let (path, headers) = (named(space), http::HeaderMap::new());
        let client = &self.client;
        let reply = client.send::<SetFaults>(&path, &NO_PARAMS, body, None, headers);
        let Found(counts) = reply.await?.output;
        Ok(counts)
    }

    /// 查询故障脚本, with what its rules have counted.
    pub async fn get_faults(&self, space: &SpaceId) -> Result<FaultCounts, Error> {
        let Found(counts) = self.of_space::<GetFaults>(space, &NoBody).await?;
        Ok(counts)
    }

    /// 故障目录.
    pub async fn fault_catalogue(&self) -> Result<FaultCatalogue, Error> {
        let Found(catalogue) = self
            .call::<GetFaultCatalogue>(&NO_PARAMS, &NO_PARAMS, &NoBody)
            .await?;
        Ok(catalogue)
    }

    /// 沙箱测试车辆目录.
    pub async fn catalogue(&self) -> Result<Catalogue, Error> {
        let Found(catalogue) = self
            .call::<GetCatalogue>(&NO_PARAMS, &NO_PARAMS, &NoBody)
            .await?;
        Ok(catalogue)
    }

    async fn of_space<O>(&self, space: &SpaceId, body: &O::Body) -> Result<O::Output, Error>
    where
        O: Operation<Path = SpacePath, Query = NoParams>,
        O::Body: Body,
    {
        self.call::<O>(&named(space), &NO_PARAMS, body).await
    }
}

fn named(space: &SpaceId) -> SpacePath {
    SpacePath {
        space_id: space.clone(),
    }
}

fn path_of(snapshot: &Snapshot) -> SnapshotPath {
    SnapshotPath {
        space_id: snapshot.space_id.clone(),
        snapshot_id: snapshot.snapshot_id.clone(),
    }
}

fn vehicle(space: &SpaceId, vin: Vin) -> SpaceVehiclePath {
    SpaceVehiclePath {
        space_id: space.clone(),
        vin,
    }
}
