/** Kinds of channels: what each is called, and the settings that its form asks for. */
import type { Channel, ChannelKind, Secret, Setting } from "../api/channels";

export interface SettingField {
  name: string;
  label: string;
  /** A secret is written and never shown again. */
  type: "text" | "secret" | "long" | "choice" | "tick" | "headers" | "list";
  hint?: string;
  placeholder?: string;
  options?: [value: string, label: string][];
  required?: boolean;
}

export interface Kind {
  kind: ChannelKind;
  title: string;
  text: string;
  fields: SettingField[];
}

const url = (placeholder: string, hint: string): SettingField => ({
  name: "url",
  label: "Webhook URL",
  type: "secret",
  placeholder,
  hint,
  required: true,
});

export const KINDS: Kind[] = [
  {
    kind: "slack",
    title: "Slack",
    text: "Through an incoming webhook of a Slack app.",
    fields: [url("https://hooks.slack.com/services/…", "Slack: your app, Incoming webhooks, Add new webhook.")],
  },
  {
    kind: "teams",
    title: "Microsoft Teams",
    text: "Through a workflow that posts to a channel when a webhook request is received.",
    fields: [
      url(
        "https://….logic.azure.com/…",
        "Teams: the channel, Workflows, Post to a channel when a webhook request is received.",
      ),
    ],
  },
  {
    kind: "discord",
    title: "Discord",
    text: "Through a channel’s webhook.",
    fields: [url("https://discord.com/api/webhooks/…", "Discord: the channel’s settings, Integrations, Webhooks.")],
  },
  {
    kind: "pagerduty",
    title: "PagerDuty",
    text: "Events API v2: alerts open an incident, recoveries resolve it.",
    fields: [
      {
        name: "routing_key",
        label: "Integration key",
        type: "secret",
        required: true,
        hint: "PagerDuty: the service, Integrations, Events API V2.",
      },
    ],
  },
  {
    kind: "opsgenie",
    title: "Opsgenie",
    text: "Alerts are opened, and closed on recovery.",
    fields: [
      { name: "api_key", label: "API key", type: "secret", required: true },
      {
        name: "region",
        label: "Region",
        type: "choice",
        options: [
          ["us", "US"],
          ["eu", "EU"],
        ],
      },
    ],
  },
  {
    kind: "sns",
    title: "Amazon SNS",
    text: "Published to a topic.",
    fields: [
      {
        name: "topic_arn",
        label: "Topic",
        type: "text",
        placeholder: "arn:aws:sns:eu-central-1:123456789012:alerts",
        required: true,
      },
      { name: "access_key_id", label: "Access key id", type: "text", required: true },
      { name: "secret_access_key", label: "Secret access key", type: "secret", required: true },
    ],
  },
  {
    kind: "telegram",
    title: "Telegram",
    text: "A bot writes to a chat.",
    fields: [
      { name: "bot_token", label: "Bot token", type: "secret", required: true, hint: "From @BotFather." },
      { name: "chat_id", label: "Chat id", type: "text", placeholder: "-1001234567890", required: true },
    ],
  },
  {
    kind: "webhook",
    title: "Webhook",
    text: "A request of your own form; $VARIABLES stand for what happened.",
    fields: [
      { name: "url", label: "URL", type: "text", placeholder: "https://example.com/hook", required: true },
      {
        name: "payload",
        label: "Body",
        type: "long",
        placeholder: '{"text": "$EVENT_TITLE", "link": "$LINK"}',
        hint: "Empty: all there is, as JSON.",
      },
      {
        name: "encode_as",
        label: "Sent as",
        type: "choice",
        options: [
          ["json", "JSON"],
          ["form", "a form"],
        ],
      },
      { name: "custom_headers", label: "Headers", type: "long", placeholder: '{"X-Team": "shop"}' },
      {
        name: "secret",
        label: "Signing secret",
        type: "secret",
        hint: "Requests bear an HMAC of their body, so that the receiver can tell that they are ours.",
      },
    ],
  },
  {
    kind: "email",
    title: "Mail to a group",
    text: "One handle for several addresses. A single address needs no channel: @ada@example.com.",
    fields: [
      {
        name: "to",
        label: "Addresses",
        type: "list",
        placeholder: "ada@example.com, grace@example.com",
        required: true,
      },
    ],
  },
];

export const kindOf = (kind: string): Kind => KINDS.find((each) => each.kind === kind) ?? KINDS[KINDS.length - 2];

export const isSecret = (value: Setting | undefined): value is Secret =>
  typeof value === "object" && value !== null && !Array.isArray(value) && typeof (value as Secret).set === "boolean";

/** A setting as its field shows it; a kept secret shows nothing. */
export function shownSetting(value: Setting | undefined): string {
  if (value === undefined || value === null || isSecret(value)) return "";
  if (Array.isArray(value)) return value.join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** What is sent: a secret that was not typed anew stays as it is, by being left out. */
export function settingsOf(kind: Kind, typed: Record<string, string>): Record<string, Setting> {
  const made: Record<string, Setting> = {};
  for (const { name, type, options } of kind.fields) {
    const text = (typed[name] ?? "").trim();
    if (type === "secret" && text === "") continue;
    if (type === "list") made[name] = text.split(/[\s,;]+/).filter(Boolean);
    else if (type === "tick") made[name] = text === "true";
    else if (type === "choice") made[name] = text || (options?.[0]?.[0] ?? "");
    else made[name] = text;
  }
  return made;
}

/** Names of the fields that are needed and empty. */
export function missing(kind: Kind, typed: Record<string, string>, kept: Channel["settings"]): string[] {
  return kind.fields
    .filter(({ name, required }) => required && (typed[name] ?? "").trim() === "")
    .filter(({ name }) => !(isSecret(kept[name]) && kept[name].set))
    .map(({ label }) => label);
}

/** The name of a channel goes into its handle: letters, digits, dashes. */
export const handleOf = (kind: ChannelKind, name: string) =>
  `@${kind}-${name
    .trim()
    .toLowerCase()
    .replace(/[^a-z0-9_.-]+/g, "-")}`;
