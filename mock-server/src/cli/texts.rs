//! 帮助文本: what `--help` says, in both languages, in one table.

use clap::{Arg, ArgAction, Command};
use lingminban::text::{Language, Text};

use super::Exit;

/// What each command and each of its arguments is for: `command` or `command.argument`; the program
/// itself has the empty name. `*.argument` is for the commands that have no text of their own for it.
const TEXTS: &[(&str, Text)] = &[
    (
        "",
        Text::new(
            "灵敏办合作单位沙箱",
            "A sandbox of the partner outlets' platform",
        ),
    ),
    (".version", Text::new("显示版本", "Prints the version")),
    (
        "serve",
        Text::new(
            "提供服务，直到 Ctrl-C 或 SIGTERM；就绪后输出一行 JSON",
            "Serves until Ctrl-C or SIGTERM; prints one line of JSON when ready",
        ),
    ),
    (
        "serve.host",
        Text::new(
            "监听地址；非本机地址自动启用前置限制",
            "Address to listen on; beyond this machine it is guarded unasked",
        ),
    ),
    (
        "serve.port",
        Text::new(
            "监听端口，0 表示任选空闲端口",
            "Port to listen on; 0 takes a free one",
        ),
    ),
    (
        "serve.port_file",
        Text::new(
            "可应答后将端口号写入此文件，先删除旧文件；正常结束时删除",
            "Writes the port to this file once requests are answered, and takes an older one away first; removed at the end",
        ),
    ),
    (
        "serve.public_url",
        Text::new(
            "他人访问沙箱所用的完整地址，如 https://sandbox.example",
            "Whole address under which others reach the sandbox, such as https://sandbox.example",
        ),
    ),
    (
        "serve.admin_token",
        Text::new(
            "控制接口的管理令牌（可见 ASCII 字符）；监听的不只是本机时必须给出，否则控制接口不开放",
            "Token that opens the control interface, visible ASCII; beyond this machine it stays closed without one",
        ),
    ),
    (
        "serve.data_dir",
        Text::new(
            "数据目录：空间在重启（包括 kill -9）后保留；不给出则只在内存中",
            "Directory that keeps all spaces over a restart, kill -9 included; in memory alone without one",
        ),
    ),
    (
        "serve.seed",
        Text::new(
            "标识、号牌和凭据的随机种子；数据目录中已有空间的，以其为准",
            "Seed of identifiers, plates and credentials; spaces in the data directory keep their own",
        ),
    ),
    (
        "serve.start_time",
        Text::new(
            "沙箱时钟的起始时间：RFC 3339 或 now",
            "What the sandbox's clock shows first: RFC 3339, or now",
        ),
    ),
    (
        "serve.pace",
        Text::new(
            "办理节奏：quick（立即）、statutory（按法定工作日）、manual（按命令）",
            "How fast the authority works: quick, statutory (on working days), manual (on command)",
        ),
    ),
    (
        "serve.exit_when_idle",
        Text::new(
            "自最后一次应答起这么久没有任何请求（控制请求也算，/healthz 不算）即以 0 退出；按实际时间，如 5m",
            "Ends with 0 when no request came for so long after the last answer, control requests included, /healthz not; real time, such as 5m",
        ),
    ),
    (
        "serve.tls_self_signed",
        Text::new(
            "启用 TLS，证书即时生成；CA 证书写在端口文件旁：<端口文件>.ca.pem",
            "Serves TLS with a certificate made at start; the CA is written beside the port file: <port file>.ca.pem",
        ),
    ),
    (
        "serve.tls_name",
        Text::new(
            "证书中增加的主机名或地址，可重复",
            "Another host name or address for that certificate; may be repeated",
        ),
    ),
    (
        "serve.tls_ca_file",
        Text::new("CA 证书改写到此文件", "Writes the CA to this file instead"),
    ),
    (
        "serve.tls_cert",
        Text::new(
            "启用 TLS：证书链文件（PEM）",
            "Serves TLS with this certificate chain (PEM)",
        ),
    ),
    (
        "serve.tls_key",
        Text::new(
            "证书的私钥文件（PEM，未加密）",
            "Key of the certificate (PEM, not encrypted)",
        ),
    ),
    (
        "serve.guard",
        Text::new(
            "在本机也启用前置限制；设置下列任一限制即启用",
            "Guards it on this machine too; any of the limits below does the same",
        ),
    ),
    (
        "serve.max_connections",
        Text::new(
            "同时连接数上限，也是同时延迟应答数的上限，通常 512",
            "Connections at a time, and answers held back on purpose, usually 512",
        ),
    ),
    (
        "serve.max_body_bytes",
        Text::new(
            "请求体字节数上限，通常 16 MiB，至少 1024；超出应答 413",
            "Bytes of a request's body, usually 16 MiB, at least 1024; above it 413",
        ),
    ),
    (
        "serve.max_header_bytes",
        Text::new(
            "请求头字节数上限，通常 32 KiB，至少 1024；超出应答 431",
            "Bytes of a request's head, usually 32 KiB, at least 1024; above it 431",
        ),
    ),
    (
        "serve.header_timeout",
        Text::new(
            "首个请求头须在此时间内到达，通常 10s",
            "Time for a connection's first head, usually 10s",
        ),
    ),
    (
        "serve.body_timeout",
        Text::new(
            "请求体须在此时间内到达，通常 60s；超出应答 408",
            "Time for a body, usually 60s; then 408",
        ),
    ),
    (
        "serve.idle_timeout",
        Text::new(
            "空闲连接保留时间，通常 90s",
            "Time a connection may be idle, usually 90s",
        ),
    ),
    (
        "serve.write_timeout",
        Text::new(
            "客户端不接收应答的最长时间，通常 30s；超出则重置连接",
            "Time a client may take nothing of its answer, usually 30s; then the connection is reset",
        ),
    ),
    (
        "wait-ready",
        Text::new(
            "等待沙箱可应答，就绪后输出其地址",
            "Waits until a sandbox answers, then prints its address",
        ),
    ),
    (
        "*.url",
        Text::new(
            "沙箱地址；环境变量让位于命令行上的 --port-file",
            "The sandbox's address; the variable gives way to --port-file on the command line",
        ),
    ),
    (
        "*.host",
        Text::new(
            "端口文件所属沙箱的主机名或地址",
            "Host name or address of the sandbox that wrote the port file",
        ),
    ),
    (
        "wait-ready.port_file",
        Text::new(
            "沙箱的端口文件，可以尚未写出；旁有 CA 证书时用 TLS",
            "The sandbox's port file, which need not be there yet; with a CA beside it, TLS is spoken",
        ),
    ),
    (
        "*.ca_file",
        Text::new(
            "信任的 CA 证书文件（PEM）；与端口文件合用时即用 TLS",
            "Certificate of the CA to trust (PEM); with a port file, TLS is spoken",
        ),
    ),
    (
        "wait-ready.timeout",
        Text::new(
            "最长等待时间，如 30s、PT30S；超出以 3 退出",
            "How long to wait at most, such as 30s or PT30S; then it ends with 3",
        ),
    ),
    (
        "*.timeout",
        Text::new(
            "等待应答的最长时间，如 30s、PT30S；超出以 3 退出",
            "How long to wait for an answer at most, such as 30s or PT30S; then it ends with 3",
        ),
    ),
    (
        "*.port_file",
        Text::new(
            "沙箱的端口文件；旁有 CA 证书时用 TLS",
            "The sandbox's port file; with a CA beside it, TLS is spoken",
        ),
    ),
    ("*.help", HELP),
    (
        "*.admin_token",
        Text::new(
            "控制接口的管理令牌，即启动沙箱时所给的",
            "Token of the control interface, as the sandbox was started with",
        ),
    ),
    (
        "*.space",
        Text::new("空间编号，如 space-1", "Id of the space, such as space-1"),
    ),
    (
        "space",
        Text::new(
            "对运行中的沙箱下指令；应答为 JSON",
            "Commands to a sandbox that runs already; each is answered with JSON",
        ),
    ),
    (
        "space new",
        Text::new(
            "新建空间，输出其编号和凭证",
            "Creates a space and prints its id and credentials",
        ),
    ),
    (
        "space new.seed",
        Text::new(
            "种子；不给出则与沙箱相同",
            "Seed; the sandbox's own when left out",
        ),
    ),
    (
        "space new.pace",
        Text::new(
            "办理速度：quick、statutory、manual、after_polls；不给出则与沙箱相同",
            "How fast the authority works: quick, statutory, manual, after_polls; as the sandbox when left out",
        ),
    ),
    (
        "space new.polls",
        Text::new(
            "after_polls 时，每查询若干次办理一步",
            "With after_polls: how many times an application is read before it moves on",
        ),
    ),
    (
        "space new.start_time",
        Text::new(
            "时钟的起始时间（RFC 3339）",
            "What the clock shows first (RFC 3339)",
        ),
    ),
    (
        "space new.frozen",
        Text::new("时钟静止", "The clock stands still"),
    ),
    (
        "space new.outlet_kind",
        Text::new(
            "只要此类网点的凭证，如 dealer",
            "Only credentials of this kind of outlet, such as dealer",
        ),
    ),
    (
        "space list",
        Text::new("列出所有空间，每行一个", "Lists all spaces, one a line"),
    ),
    (
        "space reset",
        Text::new("重置空间", "Takes a space back to its start"),
    ),
    (
        "space fork",
        Text::new(
            "复制空间，输出新空间的编号和凭证",
            "Forks a space and prints the new one's id and credentials",
        ),
    ),
    ("space delete", Text::new("删除空间", "Deletes a space")),
    (
        "space clock",
        Text::new(
            "显示时钟，或拨动、停住、开动",
            "Shows a space's clock, or moves, stops or starts it",
        ),
    ),
    (
        "space clock.advance",
        Text::new(
            "前移一段时长（ISO 8601），如 P30D",
            "Moves it forward by a duration (ISO 8601), such as P30D",
        ),
    ),
    (
        "space clock.working_days",
        Text::new("前移若干工作日", "Moves it forward by working days"),
    ),
    (
        "space clock.set",
        Text::new(
            "前移到某一时刻（RFC 3339）",
            "Moves it forward to an instant (RFC 3339)",
        ),
    ),
    ("space clock.freeze", Text::new("停住", "Stops it")),
    ("space clock.run", Text::new("开动", "Starts it")),
    (
        "space clock.rate",
        Text::new("以此倍速运行", "Lets it run at so many times real time"),
    ),
    (
        "space faults",
        Text::new(
            "显示故障脚本及计数，或换上新的脚本",
            "Shows a space's fault script with its counters, or sets another",
        ),
    ),
    (
        "space faults.script",
        Text::new(
            "故障脚本文件（JSON），- 为标准输入",
            "File of the script (JSON); - is stdin",
        ),
    ),
    (
        "space faults.clear",
        Text::new("去掉全部故障", "Takes all faults away"),
    ),
    (
        "space journal",
        Text::new("导出请求日志", "Exports a space's journal"),
    ),
    (
        "space journal.format",
        Text::new("导出格式：jsonl、har、curl", "Format: jsonl, har or curl"),
    ),
];

const HELP: Text = Text::new("显示帮助", "Prints help");
const COMMANDS: Text = Text::new("命令", "Commands");
const OPTIONS: Text = Text::new("选项", "Options");
const USAGE: Text = Text::new("用法", "Usage");
const EXIT_CODES: Text = Text::new("退出码", "Exit codes");
const DEFAULT: Text = Text::new("默认", "default");
const VARIABLE: Text = Text::new("环境变量", "environment");

/// The commands with their texts in one language. A text that is missing stays empty; a test sees to
/// it that none is.
pub(super) fn worded(command: Command, language: Language) -> Command {
    // clap's own words for these come in English alone.
    let version = Arg::new("version").short('V').long("version");
    let command = command
        .disable_version_flag(true)
        .arg(version.action(ArgAction::Version));
    worded_as(command, "", language)
}

/// A command and those under it; `name` is the way to it, such as `space new`.
fn worded_as(command: Command, name: &str, language: Language) -> Command {
    let help = Arg::new("help").short('h').long("help");
    let usage = USAGE.in_language(language);
    command
        .disable_help_flag(true)
        .disable_help_subcommand(true)
        .subcommand_help_heading(COMMANDS.in_language(language))
        .arg(help.action(ArgAction::Help))
        .about(text(name, language))
        .after_help(exit_codes(language))
        .help_template(format!(
            "{{about-with-newline}}\n{usage}: {{usage}}\n\n{{all-args}}{{after-help}}"
        ))
        .mut_args(|arg| {
            let told = text(&format!("{name}.{}", arg.get_id()), language);
            let facts = facts(&arg, language);
            let takes_values = arg.get_action().takes_values();
            arg.help(format!("{told}{facts}"))
                .help_heading(OPTIONS.in_language(language))
                .hide_default_value(takes_values)
                .hide_env(true)
        })
        .mut_subcommands(|command| {
            let name = format!("{name} {}", command.get_name());
            worded_as(command, name.trim_start(), language)
        })
}

fn text(name: &str, language: Language) -> &'static str {
    let place = place(name);
    place.map_or("", |place| TEXTS[place].1.in_language(language))
}

/// Where the text of a command or an argument stands: its own, or the one for all.
fn place(name: &str) -> Option<usize> {
    let at = |name: &str| TEXTS.iter().position(|(known, _)| *known == name);
    at(name).or_else(|| {
        let (_, argument) = name.split_once('.')?;
        at(&format!("*.{argument}"))
    })
}

/// Default and environment variable, which clap would tell in English alone.
fn facts(arg: &Arg, language: Language) -> String {
    let mut facts = Vec::new();
    if arg.get_action().takes_values() {
        let defaults = arg.get_default_values().iter();
        facts.extend(defaults.map(|value| {
            let value = value.to_string_lossy();
            format!("{}: {value}", DEFAULT.in_language(language))
        }));
    }
    facts.extend(arg.get_env().map(|name| {
        let name = name.to_string_lossy();
        format!("{}: {name}", VARIABLE.in_language(language))
    }));
    facts.iter().map(|fact| format!(" [{fact}]")).collect()
}

fn exit_codes(language: Language) -> String {
    let mut told = format!("{}:", EXIT_CODES.in_language(language));
    for (exit, meaning) in Exit::MEANINGS {
        let meaning = meaning.in_language(language);
        told.push_str(&format!("\n  {}  {meaning}", exit as u8));
    }
    told
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clap::CommandFactory;

    use super::*;
    use crate::cli::CommandLine;

    fn has_chinese(text: &str) -> bool {
        text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c))
    }

    fn names_of(command: &Command, name: &str, names: &mut BTreeSet<String>) {
        names.insert(name.to_owned());
        for arg in command.get_arguments() {
            names.insert(format!("{name}.{}", arg.get_id()));
        }
        for command in command.get_subcommands() {
            let name = format!("{name} {}", command.get_name());
            names_of(command, name.trim_start(), names);
        }
    }

    #[test]
    fn no_text_lacks_either_language_and_none_is_for_nothing() {
        let mut names = BTreeSet::new();
        let command = worded(CommandLine::command(), Language::Chinese);
        names_of(&command, "", &mut names);
        let untold: Vec<&String> = names.iter().filter(|name| place(name).is_none()).collect();
        assert!(untold.is_empty(), "{untold:?}");
        let used: BTreeSet<usize> = names.iter().filter_map(|name| place(name)).collect();
        let unused = TEXTS
            .iter()
            .enumerate()
            .filter(|(at, _)| !used.contains(at));
        assert_eq!(unused.count(), 0);
        let meanings = Exit::MEANINGS.map(|(_, text)| text);
        let others = [COMMANDS, OPTIONS, USAGE, EXIT_CODES, DEFAULT, VARIABLE];
        let all = TEXTS.iter().map(|(_, text)| *text);
        for text in all.chain(meanings).chain(others) {
            assert!(has_chinese(text.zh), "{text:?}");
            assert!(!text.en.is_empty() && !has_chinese(text.en), "{text:?}");
        }
    }

    #[test]
    fn help_is_in_one_language() {
        for name in ["", "serve", "wait-ready", "space"] {
            let help = |language| {
                let mut command = worded(CommandLine::command(), language);
                command.build();
                let command = match name {
                    "" => &mut command,
                    _ => command.find_subcommand_mut(name).unwrap(),
                };
                command.render_help().to_string()
            };
            let english = help(Language::English);
            assert!(!has_chinese(&english), "{english}");
            for told in ["Usage: ", "Options:", "Exit codes:", "not ready in time"] {
                assert!(english.contains(told), "{english}");
            }
            let chinese = help(Language::Chinese);
            for told in ["用法: ", "选项:", "退出码:", "未就绪"] {
                assert!(chinese.contains(told), "{chinese}");
            }
            for told in ["Usage", "Options:", "Print", "default:", "env:"] {
                assert!(!chinese.contains(told), "{told}: {chinese}");
            }
        }
    }

    #[test]
    fn exit_codes_are_the_promised_numbers() {
        let numbers = Exit::MEANINGS.map(|(exit, _)| exit as u8);
        assert_eq!(numbers, [0, 1, 2, 3, 4]);
    }

    #[test]
    fn the_command_line_is_consistent() {
        worded(CommandLine::command(), Language::English).debug_assert();
    }
}
