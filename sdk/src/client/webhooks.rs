//! Subscriptions to events, one method per operation.

use super::{Client, Pages, Result, Submission, calls::written};
use crate::api::{
    CreateWebhook, Created, DeleteWebhook, Delivery, DeliveryFilter, DeliveryId, DeliveryPage,
    DeliveryPath, EnableWebhook, Encoded, EventType, Found, GetWebhook, ListDeliveries,
    ListWebhooks, NoContent, NoParams, OverlapSeconds, Redeliver, RotateWebhookSecret,
    SecretRotation, TestWebhook, Webhook, WebhookId, WebhookList, WebhookPath, WebhookRequest,
    WebhookTest,
};

const NO_PARAMS: NoParams = NoParams {};
const NOTHING: Encoded = Encoded {
    media_type: None,
    bytes: Vec::new(),
};

/// Every method fails as [`Error`](super::Error) describes.
#[allow(clippy::missing_errors_doc, reason = "said once, above")]
impl Client {
    /// 新建推送订阅: subscribes; the answer holds the secret, and no later answer does.
    pub async fn create_webhook(&self, submission: &Submission<WebhookRequest>) -> Result<Webhook> {
        self.create::<CreateWebhook, _, _>(submission).await
    }

    /// 查询推送订阅列表: the partner's subscriptions, ten at most.
    pub async fn list_webhooks(&self) -> Result<Vec<Webhook>> {
        let list: WebhookList = self.get::<ListWebhooks, _>(&NO_PARAMS, &NO_PARAMS).await?;
        Ok(list.items)
    }

    /// 查询推送订阅: reads one subscription, without its secret.
    pub async fn get_webhook(&self, id: &WebhookId) -> Result<Webhook> {
        self.get::<GetWebhook, _>(&webhook(id), &NO_PARAMS).await
    }

    /// 删除推送订阅: ends a subscription and what is waiting to be pushed to it.
    pub async fn delete_webhook(&self, id: &WebhookId) -> Result<()> {
        let NoContent = self
            .post::<DeleteWebhook>(&webhook(id), &NO_PARAMS, NOTHING, None)
            .await?;
        Ok(())
    }

    /// 轮换推送密钥: the answer holds the new secret; the old one signs beside it for `overlap`, a
    /// day when left out. A repetition after a lost answer rotates once more: nothing is lost but
    /// the secret that was never read.
    pub async fn rotate_webhook_secret(
        &self,
        id: &WebhookId,
        overlap: Option<OverlapSeconds>,
    ) -> Result<Webhook> {
        let body = written::<RotateWebhookSecret, _>(&SecretRotation {
            overlap_seconds: overlap,
        })?;
        let Found(webhook) = self
            .post::<RotateWebhookSecret>(&webhook(id), &NO_PARAMS, body, None)
            .await?;
        Ok(webhook)
    }

    /// 启用推送订阅: enables a subscription that repeated failure has disabled.
    pub async fn enable_webhook(&self, id: &WebhookId) -> Result<Webhook> {
        let Found(webhook) = self
            .post::<EnableWebhook>(&webhook(id), &NO_PARAMS, NOTHING, None)
            .await?;
        Ok(webhook)
    }

    /// 推送测试: pushes an invented event of this type to this subscription alone.
    pub async fn test_webhook(&self, id: &WebhookId, kind: EventType) -> Result<Delivery> {
        let body = written::<TestWebhook, _>(&WebhookTest { kind: Some(kind) })?;
        let Created(delivery) = self
            .post::<TestWebhook>(&webhook(id), &NO_PARAMS, body, None)
            .await?;
        Ok(delivery)
    }

    /// 查询推送记录: all deliveries to a subscription that pass the filter, page after page.
    pub fn list_deliveries(&self, id: &WebhookId, filter: DeliveryFilter) -> Pages<ListDeliveries> {
        Pages::new(self.clone(), webhook(id), filter)
    }

    /// 查询推送记录: one page.
    pub async fn list_deliveries_page(
        &self,
        id: &WebhookId,
        filter: &DeliveryFilter,
    ) -> Result<DeliveryPage> {
        self.get::<ListDeliveries, _>(&webhook(id), filter).await
    }

    /// 重新推送: pushes an event again, at once.
    pub async fn redeliver(&self, id: &WebhookId, delivery: &DeliveryId) -> Result<Delivery> {
        let path = DeliveryPath {
            webhook_id: id.clone(),
            delivery_id: delivery.clone(),
        };
        let Found(delivery) = self
            .post::<Redeliver>(&path, &NO_PARAMS, NOTHING, None)
            .await?;
        Ok(delivery)
    }
}

fn webhook(id: &WebhookId) -> WebhookPath {
    WebhookPath {
        webhook_id: id.clone(),
    }
}
