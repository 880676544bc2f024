//! A command line that may be shown: secrets replaced, cut.

/// What is kept of a command line.
pub(super) const CHARS_MAX: usize = 200;
const HIDDEN: &str = "********";

/// Names of settings and flags whose value is a secret, when they end so or hold it between separators.
const SECRETS: [&str; 15] = [
    "authorization",
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "secret",
    "token",
    "apikey",
    "api_key",
    "accesskey",
    "access_key",
    "credential",
    "credentials",
    "private_key",
    "auth",
];

/// Words that no innocent name holds.
const TELLTALE: [&str; 6] = ["password", "passwd", "passphrase", "secret", "apikey", "credential"];
/// Programs whose `-p` is a password.
const SHORT_PASSWORDS: [&str; 3] = ["mysql", "mariadb", "sshpass"];

/// The arguments as one line.
pub(super) fn clean(arguments: &[&str]) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut hides_next = false;
    let program = arguments.first().map_or("", |first| first.rsplit('/').next().unwrap_or(first));
    let has_short = SHORT_PASSWORDS.iter().any(|known| program.starts_with(known));
    for argument in arguments.iter().flat_map(|a| a.split_whitespace()) {
        if has_short && argument.starts_with("-p") && !argument.starts_with("--") {
            // `mysql -pabc`, `sshpass -p abc`.
            hides_next = argument.len() == 2;
            words.push(if hides_next { "-p".to_owned() } else { format!("-p{HIDDEN}") });
            continue;
        }
        if hides_next && !argument.starts_with("--") {
            // `Authorization: Bearer abc`: the scheme, and what follows it.
            hides_next = is_scheme(argument);
            words.push(HIDDEN.to_owned());
            continue;
        }
        match argument.split_once(['=', ':']) {
            Some((name, value)) if is_secret(name) && !value.is_empty() => {
                let separator = &argument[name.len()..=name.len()];
                words.push(format!("{name}{separator}{HIDDEN}"));
            }
            _ => {
                let announces = argument.starts_with('-') || argument.ends_with(':');
                hides_next = announces && is_secret(argument.trim_end_matches(':')) || is_scheme(argument);
                words.push(without_user_info(argument));
            }
        }
    }
    words.join(" ").chars().take(CHARS_MAX).collect()
}

fn is_scheme(word: &str) -> bool {
    word.eq_ignore_ascii_case("bearer") || word.eq_ignore_ascii_case("basic")
}

/// `--db-password`, `PGPASSWORD`, `-Dapi.key`, `client_secret` …
fn is_secret(name: &str) -> bool {
    let plain: String = name
        .trim_start_matches('-')
        .chars()
        .map(|c| if matches!(c, '-' | '.') { '_' } else { c.to_ascii_lowercase() })
        .collect();
    TELLTALE.iter().any(|word| plain.contains(word))
        || SECRETS.iter().any(|secret| match *secret {
            // Short words hide in others: `author`, `oauth2` are no secrets.
            "auth" | "pwd" => plain.split('_').any(|part| part == *secret),
            secret => plain.ends_with(secret) || plain.split('_').any(|part| part == secret),
        })
}

/// `postgres://user:secret@host/db` without the secret.
fn without_user_info(word: &str) -> String {
    let Some((scheme, rest)) = word.split_once("://") else { return word.to_owned() };
    let authority = rest.split(['/', '?']).next().unwrap_or(rest);
    let Some((info, _)) = authority.rsplit_once('@') else { return word.to_owned() };
    let Some((user, _)) = info.split_once(':') else { return word.to_owned() };
    format!("{scheme}://{user}:{HIDDEN}{}", &rest[info.len()..])
}
