//! 退出码: how a command went, for programs.

use std::process::ExitCode;

use lingminban::text::Text;

/// How a command went. The numbers are promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// It was done.
    Done = 0,
    /// It could not be done on this machine.
    Failed = 1,
    /// The command line is wrong; clap's own number.
    Usage = 2,
    /// Nothing answers, or not in time.
    NotReady = 3,
    /// The sandbox answered with a problem.
    Refused = 4,
}

impl Exit {
    /// Every number with its meaning, for `--help`.
    pub(super) const MEANINGS: [(Self, Text); 5] = [
        (Self::Done, Text::new("成功", "done")),
        (
            Self::Failed,
            Text::new(
                "本机无法完成（端口被占用、文件无法写入等）",
                "could not be done here (port taken, file not writable, …)",
            ),
        ),
        (Self::Usage, Text::new("命令行用法错误", "wrong usage")),
        (
            Self::NotReady,
            Text::new(
                "限定时间内未就绪，或无应答",
                "not ready in time, or nothing answers",
            ),
        ),
        (
            Self::Refused,
            Text::new(
                "沙箱拒绝了请求（应答为问题说明）",
                "the sandbox refused (it answered with a problem)",
            ),
        ),
    ];
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
