//! What all spaces share and none can change: outlets, working days, base records.

use std::sync::Arc;

use super::{catalogue, directory::Directory, register::BaseRegister};
use crate::rules::working_days::WorkingCalendar;

/// The city.
#[derive(Debug)]
pub struct City {
    /// 网点, 经办人, 合作单位.
    pub directory: Directory,
    /// 工作日.
    pub calendar: WorkingCalendar,
    /// 测试车辆和人员: on record in every fresh space.
    pub base: Arc<BaseRegister>,
}

impl City {
    /// The city as every engine has it.
    #[must_use]
    pub fn new() -> Self {
        Self {
            directory: Directory::new(),
            calendar: WorkingCalendar::new(),
            base: Arc::new(catalogue::base_register()),
        }
    }
}

impl Default for City {
    fn default() -> Self {
        Self::new()
    }
}
